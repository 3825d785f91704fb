// The comment that allows a finding, in the words of its language: what
// `crates/lsp` does, for the languages of the web.
import type { Finding } from "keysieve";
import type { TextEdit } from "vscode-languageserver/browser";
import type { TextDocument } from "vscode-languageserver-textdocument";

type Marks = { open: string; close?: string; own?: boolean };

const by = (marks: Marks, ...ids: string[]): [string, Marks][] => ids.map((id) => [id, marks]);

const LANGUAGES = new Map<string, Marks>([
  ...by({ open: "//" }, "javascript", "javascriptreact", "typescript", "typescriptreact", "jsonc"),
  ...by({ open: "//" }, "go", "rust", "java", "kotlin", "scala", "groovy", "csharp", "fsharp"),
  ...by({ open: "//" }, "c", "cpp", "objective-c", "swift", "dart", "php", "scss", "less"),
  ...by({ open: "#" }, "python", "ruby", "perl", "elixir", "r", "julia", "shellscript"),
  ...by({ open: "#" }, "powershell", "yaml", "toml", "terraform", "dockercompose"),
  ...by({ open: "#", own: true }, "dotenv", "properties", "dockerfile", "makefile", "ignore"),
  ...by({ open: ";", own: true }, "ini"),
  ...by({ open: "--" }, "lua", "sql", "haskell"),
  ...by({ open: "<!--", close: "-->" }, "html", "xml", "markdown"),
  ...by({ open: "/*", close: "*/" }, "css"),
]);

function marksOf(text: TextDocument): Marks | undefined {
  const name = text.uri.split("/").pop() ?? "";
  const dotenv = name === ".env" || name.startsWith(".env.") || name.endsWith(".env");
  return LANGUAGES.get(dotenv ? "dotenv" : text.languageId);
}

/** The edit that allows the finding; none where the language has no comments. */
export function comment(text: TextDocument, finding: Finding, reason: string): TextEdit | undefined {
  const marks = marksOf(text);
  if (!marks) return undefined;
  const { line } = text.positionAt(finding.startUtf16);
  const row = text.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  const plain = row.replace(/\r?\n$/, "");
  const why = reason.replace(/[<>*/]/g, "").replace(/\s+/g, " ").trim().slice(0, 200);
  const close = marks.close ? ` ${marks.close}` : "";
  const said = (directive: string) =>
    `${marks.open} keysieve:${directive} ${finding.rule} -- ${why}${close}`;
  const several = text.positionAt(finding.endUtf16).line !== line;
  if (marks.own || several || plain.trimEnd().endsWith("\\")) {
    const indent = /^[ \t]*/.exec(plain)?.[0] ?? "";
    const at = { line, character: 0 };
    return { range: { start: at, end: at }, newText: `${indent}${said("allow-next-line")}\n` };
  }
  const at = { line, character: plain.length };
  return { range: { start: at, end: at }, newText: ` ${said("allow")}` };
}
