// The entry in `.env`, where there is no program that writes it: the value is
// read from the open text here, so it travels in no message.
import * as vscode from "vscode";

/** Under which name a value is kept, and where. */
export interface Entry {
  variable: string;
  file: vscode.Uri;
}

/** Keeps what stands in a range; tells under which name. */
export async function keep(uri: vscode.Uri, range: vscode.Range, name: string): Promise<Entry> {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
  if (!folder) throw new Error("the text lies in no folder of the workspace");
  const secret = (await vscode.workspace.openTextDocument(uri)).getText(range);
  // Git is told first.
  const ignored = await read(folder, ".gitignore");
  if (!leaves(ignored, ".env")) {
    await write(folder, ".gitignore", `${ended(ignored)}.env\n`);
  }
  const old = await read(folder, ".env");
  for (let n = 1; ; n += 1) {
    const variable = n === 1 ? name : `${name}_${n}`;
    const line = `${variable}=${quoted(secret)}`;
    const taken = old.split(/\r?\n/).find((known) => known.replace(/^\s*(export )?/, "").startsWith(`${variable}=`));
    if (taken !== undefined && taken !== line) continue;
    if (taken === undefined) await write(folder, ".env", `${ended(old)}${line}\n`);
    return { variable, file: vscode.Uri.joinPath(folder, ".env") };
  }
}

/** Whether these rules leave out a file of this name, which begins with `.env`. */
export function leaves(rules: string, name: string): boolean {
  let left = false;
  for (const line of rules.split(/\r?\n/)) {
    const rule = line.trim().replace(/^!?\/?/, "");
    const fits = [name, ".env*", "*.env"].includes(rule) || (rule === ".env.*" && name.startsWith(".env."));
    if (fits && (rule !== "*.env" || name.endsWith(".env"))) left = !line.trim().startsWith("!");
  }
  return left;
}

const ended = (text: string) => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** A value as every reader of `.env` files takes it. */
function quoted(value: string): string {
  if (/^[\w\-./+=:@%,]*$/.test(value)) return value;
  if (!/['\n]/.test(value)) return `'${value}'`;
  return `"${value.replace(/["\\$]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}

/** The text of a file; empty where there is none. */
export async function read(folder: vscode.Uri, name: string): Promise<string> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name)));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return "";
    throw error;
  }
}

async function write(folder: vscode.Uri, name: string, text: string): Promise<void> {
  await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder, name), new TextEncoder().encode(text));
}
