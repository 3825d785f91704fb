/**
 * Unified diffs, as git and `diff -u` write them. A hunk's counts decide where
 * it ends, so a diff that was cut off is noticed.
 */

/** A line of a hunk; a number is missing on the side that does not have it. */
export interface DiffLine {
  kind: "same" | "added" | "removed";
  old?: number;
  new?: number;
  text: string;
}

export interface Hunk {
  header: string;
  lines: DiffLine[];
}

export interface FilePatch {
  path: string;
  oldPath?: string;
  binary: boolean;
  hunks: Hunk[];
  problems: string[];
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Whether a text looks like a unified diff. */
export function isDiff(text: string): boolean {
  return /^(?:diff --git |Index: |--- .*\n\+\+\+ .*\n@@ -)/m.test(text) && (/^@@ -\d/m.test(text) || /^GIT binary patch|^Binary files /m.test(text));
}

/** The path of a header line, without its prefix and its date. */
function pathOf(line: string): string {
  let path = line.slice(4).split("\t")[0]!;
  if (path.startsWith('"')) path = unquoted(path);
  return path === "/dev/null" ? "" : path.replace(/^[abciow]\//, "");
}

/** A path in quotes, as git writes one with unusual bytes. */
function unquoted(path: string): string {
  const bytes: number[] = [];
  const inner = path.slice(1, path.lastIndexOf('"'));
  const letters: Record<string, number> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };
  for (const part of inner.match(/\\[0-7]{3}|\\.|[^\\]+/gs) ?? []) {
    if (/^\\[0-7]{3}$/.test(part)) bytes.push(parseInt(part.slice(1), 8));
    else if (part.startsWith("\\")) bytes.push(letters[part[1]!] ?? part.charCodeAt(1));
    else bytes.push(...new TextEncoder().encode(part));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

class Reader {
  readonly files: FilePatch[] = [];
  #lines: string[];
  #at = 0;
  #file?: FilePatch;

  constructor(text: string) {
    this.#lines = text.split("\n");
    if (this.#lines.at(-1) === "") this.#lines.pop();
  }

  read(): FilePatch[] {
    while (this.#at < this.#lines.length) this.#line(this.#lines[this.#at]!);
    return this.files.filter((file) => file.hunks.length || file.binary || file.problems.length);
  }

  #line(line: string): void {
    this.#at++;
    const git = /^diff --git (?:"?a\/.*?"? )"?b\/(.*?)"?$/.exec(line);
    if (git) this.#begin(git[1]!);
    else if (line.startsWith("--- ") && this.#lines[this.#at]?.startsWith("+++ ")) this.#names(line);
    else if (line.startsWith("Binary files ") || line === "GIT binary patch") this.#current().binary = true;
    else if (line.startsWith("@@")) this.#hunk(line);
  }

  #begin(path: string): FilePatch {
    this.#file = { path, binary: false, hunks: [], problems: [] };
    this.files.push(this.#file);
    return this.#file;
  }

  #current(): FilePatch {
    return this.#file ?? this.#begin("unnamed");
  }

  #names(line: string): void {
    const [old, now] = [pathOf(line), pathOf(this.#lines[this.#at++]!)];
    const path = (now || old).trimEnd();
    const file = this.#file && this.#file.hunks.length === 0 ? this.#file : this.#begin(path);
    file.path = path;
    if (old && old.trimEnd() !== path) file.oldPath = old.trimEnd();
  }

  #hunk(header: string): void {
    const file = this.#current();
    const counts = HUNK.exec(header);
    if (!counts) {
      file.problems.push(`line ${this.#at}: the header of this hunk is malformed`);
      return;
    }
    const began = this.#at;
    let [old, oldLeft] = [Number(counts[1]), Number(counts[2] ?? 1)];
    let [now, nowLeft] = [Number(counts[3]), Number(counts[4] ?? 1)];
    const lines: DiffLine[] = [];
    while (oldLeft > 0 || nowLeft > 0) {
      const line = this.#lines[this.#at];
      const [mark, text] = [line?.[0] ?? " ", line?.slice(1) ?? ""];
      if (line === undefined || !" +-\\".includes(mark)) {
        file.problems.push(`line ${this.#at + 1}: the hunk of line ${began} should go on by its header`);
        break;
      }
      this.#at++;
      if (mark === "+") (lines.push({ kind: "added", new: now++, text }), nowLeft--);
      else if (mark === "-") (lines.push({ kind: "removed", old: old++, text }), oldLeft--);
      else if (mark === " ") (lines.push({ kind: "same", old: old++, new: now++, text }), oldLeft--, nowLeft--);
    }
    file.hunks.push({ header, lines });
  }
}

/** The files that a diff changes. */
export function parseDiff(text: string): FilePatch[] {
  return new Reader(text).read();
}

/** One side of a hunk as a text, and its lines. */
export function side(hunk: Hunk, which: "old" | "new"): { text: string; lines: DiffLine[] } {
  const lines = hunk.lines.filter((line) => line[which] !== undefined);
  return { text: lines.map((line) => line.text + "\n").join(""), lines };
}

/** Lines beside each other, as a reviewer reads them. */
export function pairs(hunk: Hunk): [DiffLine | undefined, DiffLine | undefined][] {
  const rows: [DiffLine | undefined, DiffLine | undefined][] = [];
  let [removed, added]: [DiffLine[], DiffLine[]] = [[], []];
  const flush = () => {
    for (let n = 0; n < Math.max(removed.length, added.length); n++) rows.push([removed[n], added[n]]);
    [removed, added] = [[], []];
  };
  for (const line of hunk.lines) {
    if (line.kind === "removed") removed.push(line);
    else if (line.kind === "added") added.push(line);
    else (flush(), rows.push([line, line]));
  }
  flush();
  return rows;
}
