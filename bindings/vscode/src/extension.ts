// What the extension does on the desktop and on the web alike, once it has a
// client of a language server: the view, the count, the commands.
import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";
import { Findings } from "./findings";

/** The signature of our diagnostics. */
export const SOURCE = "keysieve";

/** Every text: files, untitled ones, cells of notebooks, commit messages. */
export const selector = [
  { scheme: "file" },
  { scheme: "untitled" },
  { scheme: "vscode-notebook-cell" },
  { scheme: "vscode-vfs" },
  { scheme: "vscode-test-web" },
  { scheme: "vscode-remote" },
  { scheme: "memfs" },
];

/**
 * Starts. The program reads the workspace itself; where there is none, `scan`
 * does and tells what it came to.
 */
export async function run(
  context: vscode.ExtensionContext,
  client: BaseLanguageClient,
  scan: () => Promise<unknown> = () => execute(client, "keysieve.scanWorkspace", []),
): Promise<void> {
  const findings = new Findings();
  const view = vscode.window.createTreeView("keysieve.findings", { treeDataProvider: findings });
  const status = vscode.window.createStatusBarItem("keysieve", vscode.StatusBarAlignment.Left, 20);
  status.name = "keysieve";
  status.command = "keysieve.showFindings";
  const show = () => {
    const count = findings.refresh();
    status.text = `$(shield) ${count}`;
    status.tooltip = count === 1 ? "keysieve: 1 credential" : `keysieve: ${count} credentials`;
    status.backgroundColor = findings.worst === vscode.DiagnosticSeverity.Error
      ? new vscode.ThemeColor("statusBarItem.errorBackground")
      : undefined;
    view.badge = count ? { value: count, tooltip: status.tooltip } : undefined;
    status.show();
  };
  const command = (name: string, action: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(name, action);
  context.subscriptions.push(
    view,
    status,
    vscode.languages.onDidChangeDiagnostics(show),
    command("keysieve.showFindings", () =>
      vscode.commands.executeCommand("keysieve.findings.focus"),
    ),
    command("keysieve.scan", () => scanned(scan)),
    command("keysieve.allowWithReason", () => allow(client)),
  );
  await client.start();
  context.subscriptions.push({ dispose: () => void client.stop() });
  show();
}

function execute(client: BaseLanguageClient, command: string, args: unknown[]): Promise<unknown> {
  return client.sendRequest("workspace/executeCommand", { command, arguments: args });
}

/** What a scan of the workspace came to. */
interface Sum {
  files: number;
  notScanned: number;
}

async function scanned(scan: () => Promise<unknown>): Promise<void> {
  const options = { location: vscode.ProgressLocation.Window, title: "keysieve: scanning" };
  const sum = (await vscode.window.withProgress(options, scan)) as Sum | null | undefined;
  if (!sum) return;
  const left = sum.notScanned ? `, ${sum.notScanned} could not be` : "";
  void vscode.window.showInformationMessage(`keysieve: ${sum.files} files were scanned${left}.`);
}

/** Asks for a reason, and allows what stands at the cursor. */
async function allow(client: BaseLanguageClient): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const uri = editor.document.uri;
  const here = vscode.languages
    .getDiagnostics(uri)
    .find((d) => d.source === SOURCE && d.range.contains(editor.selection.active));
  const data = (here as { data?: { fingerprint?: string } } | undefined)?.data;
  if (!data?.fingerprint) {
    void vscode.window.showInformationMessage("keysieve: there is no credential at the cursor.");
    return;
  }
  const reason = await vscode.window.showInputBox({
    prompt: "Why is it allowed here? The reason stands in the comment.",
    validateInput: (text) => (text.trim() ? undefined : "A reason is needed."),
  });
  if (!reason) return;
  const subject = { uri: client.code2ProtocolConverter.asUri(uri), fingerprint: data.fingerprint };
  await execute(client, "keysieve.allow", [{ ...subject, reason }]);
}
