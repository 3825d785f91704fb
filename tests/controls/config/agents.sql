%% path supabase/migrations/20260214_agents.sql
-- Agents, their keys and their messages.

create extension if not exists "pgcrypto";

%% flawed AC-41
create table public.agents (
  id uuid primary key default gen_random_uuid(),
  owner uuid not null references auth.users (id),
  name text not null,
  created_at timestamptz not null default now()
);
%% controlled
create table public.agents (
  id uuid primary key default gen_random_uuid(),
  owner uuid not null references auth.users (id),
  name text not null,
  created_at timestamptz not null default now()
);
alter table public.agents enable row level security;
create policy "owners read" on public.agents for select using (auth.uid() = owner);
%% end

alter table public.owners
%% flawed AC-42
  add column access_token text,
%% controlled
  add column access_token_hash bytea,
%% end
  add column last_seen timestamptz;

create index agents_owner on public.agents (owner);
