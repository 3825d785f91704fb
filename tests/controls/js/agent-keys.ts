import { randomBytes, createHash, timingSafeEqual } from "node:crypto";
import { Router } from "express";
import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from "typeorm";
import { repository } from "./database";
import { logger } from "./logger";

// API keys for agents: each belongs to one agent, has scopes and an end.

@Entity()
export class AgentKey {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column()
  agent!: string;

%% flawed AC-42
  @Column({ type: "varchar", unique: true })
  apiKey!: string;
%% controlled
  @Column({ type: "varchar", unique: true })
  apiKeyHash!: string;
%% end

  @Column({ type: "timestamptz" })
  expiresAt!: Date;

  @CreateDateColumn()
  createdAt!: Date;
}

export const router = Router();

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function newKey(): string {
%% flawed AC-30
  const apiKey = "ag_" + Math.random().toString(36).slice(2) + Date.now().toString(36);
%% controlled
  const apiKey = "ag_" + randomBytes(24).toString("base64url");
%% end
  return apiKey;
}

router.post("/agents/:agent/keys", async (req, res) => {
  const key = newKey();
  const expiresAt = new Date(Date.now() + 30 * 24 * 3600 * 1000);
  const row = await repository.save({ agent: req.params.agent, hash: digestOf(key), expiresAt });
%% flawed AC-01
  logger.info(`created key for ${req.params.agent}: ${row.apiKey}`);
%% controlled
  logger.info(`created key ${row.id} for ${req.params.agent}`);
%% end
  res.status(201).json({ id: row.id, key, expiresAt });
});

export async function agentOf(apiKey: string, id: string): Promise<string | null> {
  const stored = await repository.findOneBy({ id });
  if (!stored || stored.expiresAt < new Date()) {
    return null;
  }
%% flawed AC-28
  if (apiKey === stored.value) {
    return stored.agent;
  }
  return null;
%% controlled
  if (timingSafeEqual(digestOf(apiKey), stored.hash)) {
    return stored.agent;
  }
  return null;
%% end
}
