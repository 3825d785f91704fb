// A reference to the environment in the place of a secret, in the idiom of the
// language, and the name of the variable: what `crates/lsp` does, for the
// languages of the web.
import type { Finding } from "keysieve";
import type { TextEdit } from "vscode-languageserver/browser";
import type { TextDocument } from "vscode-languageserver-textdocument";

/** How a variable is read; `NAME` stands for its name. */
interface Idiom {
  /** An expression, in the place of a literal and its quotes. */
  whole?: string;
  /** Inside of a literal in backquotes. */
  template?: string;
  /** In the place of the secret alone. */
  inside?: string;
  /** A line without which the expression means nothing. */
  import?: string;
}

const by = (idiom: Idiom, ...ids: string[]): [string, Idiom][] => ids.map((id) => [id, idiom]);

const IDIOMS = new Map<string, Idiom>([
  ...by(
    { whole: "process.env.NAME", template: "${process.env.NAME}" },
    "javascript", "javascriptreact", "typescript", "typescriptreact",
  ),
  ...by({ whole: 'os.environ["NAME"]', import: "import os" }, "python"),
  ...by({ whole: 'std::env::var("NAME").expect("NAME is set")' }, "rust"),
  ...by({ whole: 'os.Getenv("NAME")' }, "go"),
  ...by({ whole: 'System.getenv("NAME")' }, "java", "kotlin", "scala", "groovy"),
  ...by({ whole: 'Environment.GetEnvironmentVariable("NAME")' }, "csharp"),
  ...by({ whole: "getenv('NAME')" }, "php"),
  ...by({ whole: 'getenv("NAME")' }, "c", "cpp"),
  ...by({ whole: 'ENV.fetch("NAME")' }, "ruby"),
  ...by({ whole: '"${NAME}"' }, "shellscript"),
  ...by({ whole: "$env:NAME" }, "powershell"),
  ...by({ inside: "${NAME}" }, "yaml", "toml", "dockercompose", "dockerfile", "properties"),
]);

/** Where a reference goes. */
export interface Reference {
  /** As people know it. */
  shown(name: string): string;
  edits(name: string): TextEdit[];
}

/** The reference that takes the place of a secret; none where the language has no idiom for it. */
export function reference(text: TextDocument, finding: Finding): Reference | undefined {
  const idiom = IDIOMS.get(text.languageId);
  const start = text.positionAt(finding.startUtf16);
  const end = text.positionAt(finding.endUtf16);
  if (!idiom || start.line !== end.line || isDotenv(text.uri)) return undefined;
  const row = text.getText({ start: { line: start.line, character: 0 }, end: { line: start.line + 1, character: 0 } });
  const [open, close] = [row[start.character - 1] ?? "", row[end.character] ?? ""];
  const quoted = open === close && `"'\``.includes(open || " ");
  const prefixed = quoted && /[\w"'`#@$\\]/.test(row[start.character - 2] ?? " ");
  const made = (written: string, around: number): Reference => ({
    shown: (name) => written.replaceAll("NAME", name),
    edits: (name) => [
      {
        range: {
          start: { line: start.line, character: start.character - around },
          end: { line: end.line, character: end.character + around },
        },
        newText: written.replaceAll("NAME", name),
      },
      ...imported(text, idiom.import),
    ],
  });
  if (idiom.inside) return made(idiom.inside, 0);
  if (idiom.whole && quoted && !prefixed) return made(idiom.whole, 1);
  if (idiom.whole?.includes("$") && !quoted) return made(idiom.whole, 0);
  const within = row.slice(0, start.character).split("`").length % 2 === 0;
  return idiom.template && within ? made(idiom.template, 0) : undefined;
}

function isDotenv(uri: string): boolean {
  const name = uri.split("/").pop() ?? "";
  return name === ".env" || name.startsWith(".env.") || name.endsWith(".env") || name === ".envrc";
}

/** The line that must stand at the top, where it does not yet. */
function imported(text: TextDocument, line: string | undefined): TextEdit[] {
  if (!line) return [];
  const rows = text.getText().split(/\r?\n/);
  if (rows.some((row) => row.trim() === line)) return [];
  const first = rows.findIndex((row) => /^(import|from) /.test(row) && !row.startsWith("from __future__"));
  const head = rows.findIndex((row) => !row.startsWith("#"));
  const at = { line: Math.max(first >= 0 ? first : head, 0), character: 0 };
  return [{ range: { start: at, end: at }, newText: `${line}\n` }];
}

/** The name to which the secret is given, in the spelling of variables, or that of its rule. */
export function variable(text: TextDocument, finding: Finding): string {
  const { line, character } = text.positionAt(finding.startUtf16);
  const before = text.getText({ start: { line, character: 0 }, end: { line, character } });
  const given = /([A-Za-z][\w-]{1,63})["'\])]*\s*(?::\s*[\w&<>[\]' |?]+)?\s*(?::=|=>|=|:)\s*[[("'`\s]*$/.exec(before);
  return upper(given?.[1] ?? finding.rule);
}

/** `apiKey`, `api-key` and `ApiKey` as `API_KEY`. */
function upper(name: string): string {
  const parts = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").split(/[^A-Za-z0-9]+/);
  return parts.filter(Boolean).join("_").toUpperCase();
}
