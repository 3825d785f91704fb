import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { logger } from "./logger";

/** Runs a coding agent on an issue, in a folder of its own, and gives what it says. */

const LIMIT = 15 * 60 * 1000;

export interface Task {
  issue: number;
  repository: string;
  prompt: string;
}

function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, timeout: LIMIT, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`)),
    );
  });
}

export async function solve(task: Task): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "agent-"));
  try {
    await run("git", ["clone", "--depth", "1", task.repository, folder], tmpdir());
%% flawed AC-43
    const args = ["-p", task.prompt, "--dangerously-skip-permissions"];
%% controlled
    const args = ["-p", task.prompt, "--allowedTools", "Read,Edit,Bash(npm test)"];
%% end
    const answer = await run("claude", args, folder);
    logger.info("issue %d: %d characters of answer", task.issue, answer.length);
    return answer;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
