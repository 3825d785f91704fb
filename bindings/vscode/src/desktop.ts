// The desktop: the language server of the program `keysieve`.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { run, selector } from "./extension";

/** The program: the one that was set, the one that came along, the one on the path. */
function program(context: vscode.ExtensionContext): string {
  const set = vscode.workspace.getConfiguration("keysieve").get<string>("server.path");
  if (set) return set;
  const name = process.platform === "win32" ? "keysieve.exe" : "keysieve";
  const along = join(context.extensionPath, "bin", name);
  return existsSync(along) ? along : name;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const command = program(context);
  const client = new LanguageClient(
    "keysieve",
    "keysieve",
    { command, args: ["lsp"] },
    {
      documentSelector: selector,
      synchronize: { configurationSection: "keysieve" },
      diagnosticCollectionName: "keysieve",
    },
  );
  context.subscriptions.push(
    vscode.commands.registerCommand("keysieve.reviewChanges", () => review(command)),
  );
  try {
    await run(context, client);
  } catch {
    void vscode.window.showErrorMessage(
      `keysieve: the program \`${command}\` does not start. Install it, or set keysieve.server.path.`,
    );
  }
}

/** A finding as the program's JSON report has it; only what is used here. */
interface Reported {
  path: string;
  title: string;
  confidence: string;
  start_line: number;
  masked: string;
}

/** Shows what a commit would bring in. */
async function review(command: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (!folder) return;
  const found = await staged(command, folder.fsPath);
  if (typeof found === "string") {
    void vscode.window.showErrorMessage(`keysieve: ${found}`);
    return;
  }
  if (!found.length) {
    void vscode.window.showInformationMessage("keysieve: what is staged holds no credentials.");
    return;
  }
  const picked = await vscode.window.showQuickPick(
    found.map((one) => ({
      label: `$(warning) ${one.title}`,
      description: `${one.path}:${one.start_line}`,
      detail: `${one.masked} · ${one.confidence}`,
      one,
    })),
    { title: `keysieve: the commit would bring in ${found.length}`, matchOnDescription: true },
  );
  if (!picked) return;
  const at = new vscode.Position(Math.max(0, picked.one.start_line - 1), 0);
  const uri = vscode.Uri.joinPath(folder, picked.one.path);
  await vscode.commands.executeCommand("vscode.open", uri, { selection: new vscode.Range(at, at) });
}

/** The findings in the index, or what went wrong. */
export function staged(command: string, folder: string): Promise<Reported[] | string> {
  return new Promise((done) => {
    const args = ["git", "--staged", "--quiet", "--format", "json"];
    execFile(command, args, { cwd: folder, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      // 1 is findings, 3 that something could not be read.
      const code = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      if (![0, 1, 3].includes(code)) return done(stderr.trim() || "the program does not start");
      try {
        const { findings } = JSON.parse(stdout) as { findings: Reported[] };
        if (code === 3 && !findings.length) return done(stderr.trim());
        done(findings);
      } catch {
        done("the report is not understood");
      }
    });
  });
}
