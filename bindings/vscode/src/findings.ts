// The tree of what was found: files, and in each its findings. It shows what
// the diagnostics say, so it is the same wherever these come from.
import * as vscode from "vscode";
import { SOURCE } from "./extension";

type Node = vscode.Uri | { uri: vscode.Uri; diagnostic: vscode.Diagnostic };

const ICONS = ["error", "warning", "info", "lightbulb"];

export class Findings implements vscode.TreeDataProvider<Node> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private files = new Map<string, { uri: vscode.Uri; all: vscode.Diagnostic[] }>();
  /** How bad the worst is; undefined where there is nothing. */
  worst: vscode.DiagnosticSeverity | undefined;

  /** Reads the diagnostics again; tells how many there are. */
  refresh(): number {
    this.files = new Map();
    this.worst = undefined;
    let count = 0;
    for (const [uri, diagnostics] of vscode.languages.getDiagnostics()) {
      const all = diagnostics.filter((d) => d.source === SOURCE);
      if (!all.length) continue;
      all.sort((a, b) => a.range.start.compareTo(b.range.start));
      this.files.set(uri.toString(), { uri, all });
      count += all.length;
      for (const { severity } of all) this.worst = Math.min(this.worst ?? severity, severity);
    }
    this.changed.fire();
    return count;
  }

  getChildren(node?: Node): Node[] {
    if (!node) {
      const files = [...this.files.values()].map(({ uri }) => uri);
      return files.sort((a, b) => (a.path < b.path ? -1 : 1));
    }
    if (!(node instanceof vscode.Uri)) return [];
    const file = this.files.get(node.toString());
    return (file?.all ?? []).map((diagnostic) => ({ uri: node, diagnostic }));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node instanceof vscode.Uri) {
      const item = new vscode.TreeItem(node, vscode.TreeItemCollapsibleState.Expanded);
      item.description = String(this.files.get(node.toString())?.all.length ?? 0);
      return item;
    }
    const { uri, diagnostic } = node;
    // The place first: a narrow view cuts what stands behind.
    const [title] = diagnostic.message.split(/ \((?:weak|likely|certain)\)/);
    const item = new vscode.TreeItem(`${diagnostic.range.start.line + 1}: ${title}`);
    item.description = diagnostic.message.slice(title?.length).trim();
    item.tooltip = diagnostic.message;
    item.iconPath = new vscode.ThemeIcon(ICONS[diagnostic.severity] ?? "info");
    item.command = {
      command: "vscode.open",
      title: "Open",
      arguments: [uri, { selection: diagnostic.range }],
    };
    return item;
  }
}
