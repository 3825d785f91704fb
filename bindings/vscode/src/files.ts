// The files of the workspace, for the build without a program: they are read
// through the editor and handed to the worker one by one. A folder on this
// machine is read at the start; one that the editor would have to fetch from
// elsewhere only when somebody asks.
import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";
import { leaves, read } from "./dotenv";

/** Folders that hold what others have written. */
const LEFT_OUT = new Set([".git", ".hg", ".svn", "node_modules"]);
/** A larger file is told as not scanned, in bytes. */
const LARGEST = 8 << 20;
/** So much of a file tells whether it is text, in bytes. */
const START = 8192;

export class Files {
  private known = new Map<string, vscode.Uri>();

  constructor(private readonly client: BaseLanguageClient) {}

  /** Scans all files, and forgets those that are gone. */
  async scan(): Promise<{ files: number; notScanned: number }> {
    const before = this.known;
    this.known = new Map();
    const sum = { files: 0, notScanned: 0 };
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) await this.folder(uri, sum);
    for (const [key, uri] of before) if (!this.known.has(key)) await this.tell(uri, null);
    return sum;
  }

  private async folder(uri: vscode.Uri, sum: { files: number; notScanned: number }): Promise<void> {
    let entries: [string, vscode.FileType][];
    try {
      entries = await vscode.workspace.fs.readDirectory(uri);
    } catch {
      sum.notScanned += 1;
      return;
    }
    for (const [name, type] of entries) {
      const inside = vscode.Uri.joinPath(uri, name);
      // A link leads to what is read elsewhere, or out of the workspace.
      if (type === vscode.FileType.Directory && !LEFT_OUT.has(name)) await this.folder(inside, sum);
      if (type !== vscode.FileType.File) continue;
      sum[(await this.file(inside)) ? "files" : "notScanned"] += 1;
    }
  }

  /** Scans a file; tells whether it was read. */
  async file(uri: vscode.Uri): Promise<boolean> {
    this.known.set(uri.toString(), uri);
    try {
      const { size } = await vscode.workspace.fs.stat(uri);
      if (size > LARGEST) return false;
      const bytes = await vscode.workspace.fs.readFile(uri);
      const isText = !bytes.subarray(0, START).includes(0);
      await this.tell(uri, isText ? new TextDecoder().decode(bytes) : null, await leavesOut(uri));
      return true;
    } catch {
      await this.tell(uri, null);
      return false;
    }
  }

  /** Follows what changes on disk. */
  watch(): vscode.Disposable {
    const inside = (uri: vscode.Uri) =>
      vscode.workspace.getWorkspaceFolder(uri) && !uri.path.split("/").some((part) => LEFT_OUT.has(part));
    const changed = (uri: vscode.Uri) => void (inside(uri) && this.file(uri));
    const watcher = vscode.workspace.createFileSystemWatcher("**/*");
    return vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(changed),
      watcher.onDidChange(changed),
      watcher.onDidDelete((uri) => void this.tell(uri, null)),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("keysieve") && this.known.size) void this.scan();
      }),
      // What is closed counts as it is on disk from now on.
      vscode.workspace.onDidCloseTextDocument(({ uri }) => void (this.known.has(uri.toString()) && this.file(uri))),
    );
  }

  private tell(uri: vscode.Uri, text: string | null, ignored = false): Promise<void> {
    const named = this.client.code2ProtocolConverter.asUri(uri);
    return this.client.sendRequest("keysieve/file", { uri: named, text, ignored });
  }
}

/** Whether git leaves a file of variables out, by the `.gitignore` beside it. */
async function leavesOut(uri: vscode.Uri): Promise<boolean> {
  const name = uri.path.split("/").pop() ?? "";
  if (!name.startsWith(".env")) return false;
  const rules = await read(vscode.Uri.joinPath(uri, ".."), ".gitignore");
  return leaves(rules, name);
}
