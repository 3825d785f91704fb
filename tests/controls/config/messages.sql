%% path supabase/migrations/20260301_messages.sql
-- Reads of messages were slow.

create index if not exists messages_agent on public.messages (agent_id, created_at);

%% flawed AC-41
alter table public.messages disable row level security;
%% controlled
alter table public.messages force row level security;
%% end

comment on table public.messages is 'Messages between agents and people';
