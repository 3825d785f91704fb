// Loads the desktop build as the editor does, with the official client inside
// of it and the real program behind it. Only the editor is a stand-in: it
// keeps what is registered and fires what happens.
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const { mkdtempSync, mkdirSync, readFileSync, realpathSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const program = process.argv[2];
const folder = realpathSync(mkdtempSync(join(tmpdir(), "keysieve-")));
mkdirSync(join(folder, ".git"));

class Emitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const bound = self ? listener.bind(self) : listener;
      this.listeners.add(bound);
      return { dispose: () => this.listeners.delete(bound) };
    };
  }
  fire(value) {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose() {}
}

class CancellationTokenSource {
  constructor() {
    this.emitter = new Emitter();
    this.token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  }
  cancel() {
    this.token.isCancellationRequested = true;
    this.emitter.fire();
  }
  dispose() {}
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
  compareTo(other) {
    return this.line - other.line || this.character - other.character;
  }
}

class Range {
  constructor(a, b, c, d) {
    if (a instanceof Position) Object.assign(this, { start: a, end: b });
    else Object.assign(this, { start: new Position(a, b), end: new Position(c, d) });
  }
  contains(position) {
    return this.start.compareTo(position) <= 0 && position.compareTo(this.end) <= 0;
  }
}

class Uri {
  static parse(text) {
    return Object.assign(new Uri(), { text, scheme: text.split(":")[0], path: new URL(text).pathname });
  }
  static file(path) {
    return Uri.parse(pathToFileURL(path).href);
  }
  static joinPath(base, ...parts) {
    return Uri.file(join(base.path, ...parts));
  }
  get fsPath() {
    return decodeURIComponent(this.path);
  }
  toString() {
    return this.text;
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

/** Whatever the client builds upon and this test never looks at. */
const anything = () => class {
  constructor(...parts) {
    this.parts = parts;
  }
};
const others = new Map();
const rest = (known) => new Proxy(known, {
  get(target, name) {
    if (name in target || typeof name === "symbol") return target[name];
    if (/^on[A-Z]/.test(name)) return (target[name] = new Emitter().event);
    if (/^[A-Z]/.test(name)) {
      if (!others.has(name)) others.set(name, anything());
      return others.get(name);
    }
    if (/^(register|create)/.test(name)) return () => rest({ ...disposable });
    return undefined;
  },
});
const disposable = { dispose() {} };
const opened = new Emitter();
const changed = new Emitter();
const diagnosticsChanged = new Emitter();
const commands = new Map();
const collections = [];
const hovers = [];
const shown = [];
const settings = { get: (_name, otherwise) => otherwise, has: () => false, inspect: () => undefined };
const configured = { "server.path": program };

const textDocuments = [];
const vscode = rest({
  CancellationTokenSource, Position, Range, Uri, Diagnostic,
  EventEmitter: Emitter,
  Disposable: { from: (...all) => ({ dispose: () => all.forEach((one) => one.dispose()) }) },
  version: "1.90.0",
  env: { appName: "test", language: "en", clipboard: {} },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  DiagnosticTag: { Unnecessary: 1, Deprecated: 2 },
  StatusBarAlignment: { Left: 1, Right: 2 },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  ProgressLocation: { Window: 10 },
  CodeActionKind: rest({ Empty: { append: (value) => ({ value }) } }),
  CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
  TextDocumentSaveReason: { Manual: 1 },
  workspace: rest({
    textDocuments,
    notebookDocuments: [],
    workspaceFolders: [{ uri: Uri.file(folder), name: "work", index: 0 }],
    onDidOpenTextDocument: opened.event,
    onDidChangeTextDocument: changed.event,
    getConfiguration: (section) => section === "keysieve"
      ? { ...settings, get: (name, otherwise) => configured[name] ?? otherwise }
      : settings,
    getWorkspaceFolder: () => ({ uri: Uri.file(folder), name: "work", index: 0 }),
    createFileSystemWatcher: () => rest({ ...disposable }),
    applyEdit: async () => true,
    asRelativePath: (path) => path,
  }),
  window: rest({
    visibleTextEditors: [],
    tabGroups: rest({ all: [] }),
    createOutputChannel: () => ({ append() {}, appendLine() {}, show() {}, dispose() {} }),
    createTreeView: (_id, { treeDataProvider }) => ((vscode.tree = treeDataProvider), { ...disposable }),
    createStatusBarItem: () => (vscode.status = { show() {}, dispose() {} }),
    showErrorMessage: async (text) => void shown.push(text),
    showInformationMessage: async (text) => void shown.push(text),
    showWarningMessage: async (text) => void shown.push(text),
    showQuickPick: async (items) => void (vscode.picked = items),
    withProgress: (_options, task) => task({ report() {} }, { onCancellationRequested: () => disposable }),
  }),
  languages: rest({
    match: (filters, { uri }) => filters.some?.((f) => f.scheme === uri.scheme) ? 10 : 0,
    getDiagnostics: () => collections.flatMap((c) => [...c.all.values()]),
    onDidChangeDiagnostics: diagnosticsChanged.event,
    createDiagnosticCollection(name) {
      const all = new Map();
      const set = (uri, items) => {
        all.set(uri.toString(), [uri, items ?? []]);
        diagnosticsChanged.fire({ uris: [uri] });
      };
      const collection = {
        name, all, set,
        delete: (uri) => set(uri, []),
        has: (uri) => all.has(uri.toString()),
        get: (uri) => all.get(uri.toString())?.[1],
        clear: () => all.clear(),
        dispose() {},
      };
      collections.push(collection);
      return collection;
    },
    registerHoverProvider: (_selector, provider) => (hovers.push(provider), disposable),
    registerCodeActionsProvider: () => disposable,
  }),
  commands: rest({
    registerCommand: (name, action) => (commands.set(name, action), disposable),
    executeCommand: async () => undefined,
  }),
});

const resolve = Module._load;
Module._load = function load(name, ...others) {
  return name === "vscode" ? vscode : resolve.call(this, name, ...others);
};

const until = async (what, condition) => {
  for (let tries = 0; tries < 1500; tries++) {
    if (condition()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`${what} did not happen; shown: ${shown.join("; ")}`);
};

async function main() {
  const { token } = await import("./token.mjs");
  const secret = token();
  const { activate } = require("../out/desktop.js");
  const context = { subscriptions: [], extensionPath: folder, extensionUri: Uri.file(folder), asAbsolutePath: (p) => p };
  await activate(context);
  assert.deepEqual(shown, []);

  const uri = Uri.file(join(folder, "a.py"));
  const document = { uri, languageId: "python", version: 1, isClosed: false, getText: () => `k = '${secret}'\n` };
  textDocuments.push(document);
  opened.fire(document);
  const found = () => vscode.languages.getDiagnostics().flatMap(([, items]) => items);
  await until("a diagnostic", () => found().length === 1);
  assert.equal(found()[0].source, "keysieve");
  assert.ok(!found()[0].message.includes(secret));
  assert.match(vscode.status.text, / 1$/);
  const [file] = vscode.tree.getChildren();
  assert.equal(vscode.tree.getChildren(file).length, 1);

  // What a commit would bring in.
  const git = (...args) => execFileSync("git", ["-C", folder, ...args], { stdio: "ignore" });
  git("init", "-q");
  writeFileSync(join(folder, "b.py"), `k = '${secret}'\n`);
  git("add", "b.py");
  await commands.get("keysieve.reviewChanges")();
  assert.equal(vscode.picked?.length, 1, shown.join("; "));
  assert.ok(!JSON.stringify(vscode.picked).includes(secret));
  assert.ok(readFileSync(join(folder, "b.py"), "utf8").includes(secret));
  console.log("the desktop build is wired as it should be");
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
