"use client";

import { useState } from "react";
import OpenAI from "openai";
import { createClient } from "@supabase/supabase-js";

// The help panel of the shop: a small chat with the assistant.

const supabase = createClient(
  process.env.NEXT_PUBLIC_SUPABASE_URL!,
%% flawed AC-34
  process.env.NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY!,
%% controlled
  process.env.NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY!,
%% end
);

interface Message {
  role: "user" | "assistant";
  content: string;
}

async function ask(messages: Message[], key: () => Promise<string>): Promise<string> {
%% flawed AC-34
  const client = new OpenAI({ apiKey: await key(), dangerouslyAllowBrowser: true });
  const answer = await client.chat.completions.create({ model: "gpt-4o-mini", messages });
  return answer.choices[0].message.content ?? "";
%% controlled
  const answer = await fetch("/api/assistant", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ messages }),
  });
  return (await answer.json()).content;
%% end
}

export function HelpPanel({ userKey }: { userKey: () => Promise<string> }) {
  const [messages, setMessages] = useState<Message[]>([]);
  const [state, setState] = useState("idle");
  const [draft, setDraft] = useState("");

  async function send() {
    const next: Message[] = [...messages, { role: "user", content: draft }];
    setMessages(next);
    setDraft("");
    setState("waiting");
    const content = await ask(next, userKey);
    await supabase.from("questions").insert({ question: draft });
    setMessages([...next, { role: "assistant", content }]);
    setState("idle");
  }

  return (
    <section aria-label="Help">
      <ol>
        {messages.map((message, index) => (
          <li key={index} className={message.role}>{message.content}</li>
        ))}
      </ol>
      <input value={draft} onChange={(event) => setDraft(event.target.value)} />
      <button disabled={state === "waiting"} onClick={send}>Send</button>
    </section>
  );
}
