// A language server in a worker: the WebAssembly engine behind the protocol
// that the program speaks, as far as it makes sense without files.
import { ControlFinding, Document, Finding, Rule, Scanner, loadControls } from "keysieve";
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  CodeAction,
  CodeActionKind,
  Diagnostic,
  DiagnosticSeverity,
  Hover,
  Range,
  TextDocumentSyncKind,
  TextEdit,
  createConnection,
} from "vscode-languageserver/browser";
import { TextDocument } from "vscode-languageserver-textdocument";
import { comment } from "./comments";
import { reference, variable } from "./environment";

interface Settings {
  enable?: boolean;
  minConfidence?: "weak" | "likely" | "certain" | null;
  minSeverity?: "low" | "medium" | "high" | "critical" | null;
  disable?: string[];
  controls?: boolean | null;
}

/** An open text, twice: in lines, and in the engine. */
interface Open {
  text: TextDocument;
  document: Document;
}

/** A file on disk: its text, or none, and whether git leaves it out. */
interface Closed {
  uri: string;
  text: string | null;
  ignored?: boolean;
}

const SEVERITIES = ["low", "medium", "high", "critical"];

const scope = self as unknown as DedicatedWorkerGlobalScope;
const connection = createConnection(
  new BrowserMessageReader(scope),
  new BrowserMessageWriter(scope),
);
const open = new Map<string, Open>();
let settings: Settings = {};
let folders: string[] = [];
/** What git leaves out: no alarm is made of it. */
const leftOut = new Set<string>();
let scanner: Scanner;
let rules = new Map<string, Rule>();

function start(): void {
  scanner = new Scanner({
    disable: settings.disable ?? [],
    ...(settings.minConfidence ? { minConfidence: settings.minConfidence } : {}),
  });
  rules = new Map(scanner.rules().map((rule) => [rule.id, rule]));
}

connection.onInitialize(async ({ workspaceFolders }) => {
  folders = (workspaceFolders ?? []).map(({ uri }) => uri.replace(/\/$/, ""));
  await loadControls();
  start();
  return {
    capabilities: {
      textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
      hoverProvider: true,
      codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
      executeCommandProvider: { commands: ["keysieve.allow", "keysieve.moveToEnvironment"] },
    },
    serverInfo: { name: "keysieve" },
  };
});

connection.onDidChangeConfiguration(({ settings: all }) => {
  settings = (all as { keysieve?: Settings } | null)?.keysieve ?? {};
  start();
  for (const [uri, { text, document }] of open) {
    document.free();
    open.set(uri, { text, document: scanner.document(text.getText()) });
    publish(uri);
  }
});

connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
  const lines = TextDocument.create(uri, languageId, version, text);
  open.set(uri, { text: lines, document: scanner.document(text) });
  publish(uri);
});

connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
  const known = open.get(uri);
  if (!known) return;
  for (const change of contentChanges) {
    const whole = { start: 0, end: known.text.getText().length };
    const { start, end } = "range" in change
      ? { start: known.text.offsetAt(change.range.start), end: known.text.offsetAt(change.range.end) }
      : whole;
    known.document.update({ startUtf16: start, endUtf16: end, text: change.text });
    TextDocument.update(known.text, [change], version);
  }
  publish(uri);
});

connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
  open.get(uri)?.document.free();
  open.delete(uri);
  void connection.sendDiagnostics({ uri, diagnostics: [] });
});

/** A file that is not open, as it is on disk; none where it is gone. */
connection.onRequest("keysieve/file", ({ uri, text, ignored }: Closed) => {
  if (ignored) leftOut.add(uri);
  else leftOut.delete(uri);
  if (open.has(uri)) return publish(uri);
  const lines = TextDocument.create(uri, "", 0, text ?? "");
  const diagnostics = wanted(scanner.scan(text ?? "")).map((f) => diagnostic(lines, f));
  diagnostics.push(...missing(lines));
  void connection.sendDiagnostics({ uri, diagnostics });
});

/** What is told of a text. */
function told(known: Open): Finding[] {
  return wanted(known.document.findings);
}

function wanted(findings: Finding[]): Finding[] {
  if (settings.enable === false) return [];
  const least = SEVERITIES.indexOf(settings.minSeverity ?? "low");
  return findings.filter((f) => SEVERITIES.indexOf(f.severity) >= least);
}

/** The controls that are missing in a text; its name tells the language. */
function missing(text: TextDocument): Diagnostic[] {
  if (settings.enable === false || settings.controls === false || leftOut.has(text.uri)) return [];
  const path = decodeURIComponent(new URL(text.uri).pathname);
  const folder = folders.map((uri) => `${decodeURIComponent(new URL(uri).pathname)}/`).find((one) => path.startsWith(one));
  const least = SEVERITIES.indexOf(settings.minSeverity ?? "low");
  const { controls } = scanner.review(text.getText(), folder ? path.slice(folder.length) : path);
  return controls.filter((one) => SEVERITIES.indexOf(one.severity) >= least).map((one) => control(text, one));
}

/** As the program does. */
function control(text: TextDocument, missed: ControlFinding): Diagnostic {
  const { rule, title, remedy, severity, fingerprint } = missed;
  const bad = severity === "critical" || severity === "high";
  return {
    range: rangeOf(text, missed),
    severity: bad ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information,
    code: rule,
    source: "keysieve",
    message: `${title} (${rule}). ${remedy}`,
    data: { fingerprint, severity, family: "control" },
  };
}

function rangeOf(text: TextDocument, finding: Finding | ControlFinding): Range {
  return { start: text.positionAt(finding.startUtf16), end: text.positionAt(finding.endUtf16) };
}

function publish(uri: string): void {
  const known = open.get(uri);
  if (!known) return;
  const diagnostics = told(known).map((finding) => diagnostic(known.text, finding));
  diagnostics.push(...missing(known.text));
  void connection.sendDiagnostics({ uri, version: known.text.version, diagnostics });
}

/** As the program does: by how bad a leak is and how sure it is one. */
function severity(uri: string, finding: Finding): DiagnosticSeverity {
  if (leftOut.has(uri) || finding.credential.lifetime.kind === "expired") return DiagnosticSeverity.Hint;
  const bad = finding.severity === "low" ? 0 : finding.severity === "medium" ? 1 : 2;
  if (bad === 2 && finding.confidence === "certain") return DiagnosticSeverity.Error;
  const warns = (bad === 2 && finding.confidence === "likely")
    || (bad === 1 && finding.confidence === "certain");
  return warns ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information;
}

function diagnostic(text: TextDocument, finding: Finding): Diagnostic {
  const rule = rules.get(finding.rule);
  const { fingerprint, confidence } = finding;
  const git = leftOut.has(text.uri) ? "; git leaves this file out" : "";
  return {
    range: rangeOf(text, finding),
    severity: severity(text.uri, finding),
    code: finding.rule,
    ...(rule ? { codeDescription: { href: rule.rotate || rule.source } } : {}),
    source: "keysieve",
    message: `${rule?.title ?? finding.rule} (${confidence}); ${finding.credential.lifetime.text}${git}`,
    data: { fingerprint, confidence, severity: finding.severity },
  };
}

connection.onHover(({ textDocument: { uri }, position }): Hover | null => {
  const known = open.get(uri);
  const at = known?.text.offsetAt(position) ?? 0;
  const finding = known && told(known).find((f) => f.startUtf16 <= at && at <= f.endUtf16);
  if (!known || !finding) return null;
  const rule = rules.get(finding.rule);
  const { lifetime, remedy, notes } = finding.credential;
  const lines = [
    `**${rule?.title ?? finding.rule}** · \`${finding.rule}\``,
    `\`${finding.masked.replaceAll("`", "'")}\` · ${finding.severity} severity`,
    `**${finding.confidence}**: ${finding.reasons.join(", ")}`,
    `**Lifetime**: ${lifetime.text}`,
    ...notes.map((note) => `**Note**: ${note.text}`),
    ...(remedy ? [`**What to do**: ${remedy.text}`] : []),
    ...(rule?.rotate ? [`**Revoke**: ${rule.rotate}`] : []),
    "Read offline: decoded, not verified; nobody was asked.",
  ];
  return {
    contents: { kind: "markdown", value: lines.join("\n\n") },
    range: rangeOf(known.text, finding),
  };
});

connection.onCodeAction(({ textDocument: { uri }, range }): CodeAction[] => {
  const known = open.get(uri);
  if (!known) return [];
  const from = known.text.offsetAt(range.start);
  const to = known.text.offsetAt(range.end);
  const all = told(known);
  const here = all.filter((f) => f.startUtf16 <= to && from <= f.endUtf16);
  const action = (title: string, findings: Finding[], edits: TextEdit[]): CodeAction => ({
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: findings.map((finding) => diagnostic(known.text, finding)),
    edit: { changes: { [uri]: edits } },
  });
  const mask = (f: Finding) => ({ range: rangeOf(known.text, f), newText: `[REDACTED:${f.rule}]` });
  const actions = here.flatMap((finding) => {
    const allowed = ["a sample that opens nothing", "revoked"].flatMap((reason) => {
      const edit = comment(known.text, finding, reason);
      return edit ? [action(`Allow ${finding.rule} here: ${reason}`, [finding], [edit])] : [];
    });
    return [...moved(known, finding), action("Mask it here", [finding], [mask(finding)]), ...allowed];
  });
  for (const rule of new Set(here.map((f) => f.rule))) {
    const same = all.filter((f) => f.rule === rule);
    if (same.length > 1) {
      actions.push(action(`Mask all ${same.length} of ${rule}`, same, same.map(mask)));
    }
  }
  return actions;
});

/** The action that keeps it in `.env`: the other side writes that file. */
function moved(known: Open, finding: Finding): CodeAction[] {
  const { uri } = known.text;
  const place = keeps(uri) ? reference(known.text, finding) : undefined;
  if (!place) return [];
  const title = `Replace by ${place.shown(variable(known.text, finding))} and keep it in .env`;
  const subject = { uri, fingerprint: finding.fingerprint };
  return [{
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: [diagnostic(known.text, finding)],
    isPreferred: true,
    command: { title, command: "keysieve.moveToEnvironment", arguments: [subject] },
  }];
}

/** Whether a text lies in a folder of the workspace, where `.env` would be. */
function keeps(uri: string): boolean {
  return folders.some((folder) => uri.startsWith(`${folder}/`));
}

connection.onExecuteCommand(async ({ command, arguments: args }) => {
  const { uri, fingerprint, reason } = args?.[0] as Record<"uri" | "fingerprint" | "reason", string>;
  const known = open.get(uri);
  const all = known ? told(known).filter((f) => f.fingerprint === fingerprint) : [];
  const [finding] = all;
  if (!known || !finding) return null;
  const edits: TextEdit[] = [];
  if (command === "keysieve.allow") {
    edits.push(...all.flatMap((one) => comment(known.text, one, reason) ?? []));
  } else {
    const place = reference(known.text, finding);
    const wanted = { uri, range: rangeOf(known.text, finding), name: variable(known.text, finding) };
    const name = place && (await connection.sendRequest<string>("keysieve/keep", wanted));
    if (place && name) edits.push(...place.edits(name));
  }
  if (edits.length) await connection.workspace.applyEdit({ changes: { [uri]: edits } });
  return null;
});

connection.listen();
