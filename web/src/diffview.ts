/** A file of a diff, side by side, or its added lines alone. Secrets are hidden on both sides. */
import type { Finding, Scanner } from "keysieve";
import { pairs, side } from "./diff";
import type { DiffLine, FilePatch, Hunk } from "./diff";
import { h } from "./dom";

/** A part of a line that is a secret. */
interface Part {
  from: number;
  to: number;
  finding: Finding;
  told: boolean;
  /** Whether the secret begins here. */
  first: boolean;
}

export interface DiffOptions {
  scanner: Scanner;
  addedOnly: boolean;
  title(rule: string): string;
  /** Whether a finding of added lines is shown. */
  passes(finding: Finding): boolean;
  onPick(finding: Finding, line: number): void;
}

/** The secrets of one side, by line. */
function partsOf(hunk: Hunk, which: "old" | "new", { scanner, passes }: DiffOptions): Map<DiffLine, Part[]> {
  const { text, lines } = side(hunk, which);
  const parts = new Map<DiffLine, Part[]>();
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) (starts.push(at), (at += line.text.length + 1));
  for (const finding of scanner.scan(text)) {
    const touched = lines.slice(finding.line - 1, finding.endLine);
    const told = which === "new" && touched.some((line) => line.kind === "added") && passes(finding);
    touched.forEach((line, n) => {
      const start = starts[finding.line - 1 + n]!;
      const from = Math.max(0, finding.startUtf16 - start);
      const to = Math.min(line.text.length, finding.endUtf16 - start);
      if (to > from) parts.set(line, [...(parts.get(line) ?? []), { from, to, finding, told, first: n === 0 }]);
    });
  }
  return parts;
}

/** A secret: hidden until it is pressed, and hidden again. */
function secret(text: string, part: Part, options: DiffOptions, line: number): HTMLElement {
  const { finding, told } = part;
  const title = options.title(finding.rule);
  const hidden = part.first ? finding.masked : "********";
  const button = h("button", {
    type: "button",
    className: `secret ${told ? finding.severity : "quiet"}`,
    textContent: hidden,
    title: told ? title : `${title}, not in an added line`,
    "aria-label": `${hidden}: ${title}, hidden. Press to show`,
    "aria-pressed": "false",
    "data-fingerprint": finding.fingerprint,
  });
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!shown));
    button.setAttribute("aria-label", shown ? `${hidden}: ${title}, hidden. Press to show` : `${text}. Press to hide`);
    button.textContent = shown ? hidden : text;
    if (told) options.onPick(finding, line);
  });
  return button;
}

function content(line: DiffLine, parts: Part[], options: DiffOptions, number: number): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const part of parts.sort((a, b) => a.from - b.from)) {
    if (part.from < at) continue;
    nodes.push(document.createTextNode(line.text.slice(at, part.from)));
    nodes.push(secret(line.text.slice(part.from, part.to), part, options, number));
    at = part.to;
  }
  nodes.push(document.createTextNode(line.text.slice(at) || (at === 0 ? " " : "")));
  return nodes;
}

function cells(line: DiffLine | undefined, which: "old" | "new", parts: Map<DiffLine, Part[]>, options: DiffOptions): HTMLElement[] {
  const number = line?.[which];
  if (!line || number === undefined) {
    return [h("td", { className: "number none" }), h("td", { className: "code none" })];
  }
  const kind = which === "old" ? (line.kind === "removed" ? "removed" : "") : line.kind === "added" ? "added" : "";
  const mark = kind === "added" ? "+" : kind === "removed" ? "−" : "";
  return [
    h("td", { className: `number ${which} ${kind}`, "data-line": number }, String(number)),
    h("td", { className: `code ${kind}`, "data-mark": mark }, ...content(line, parts.get(line) ?? [], options, number)),
  ];
}

/** The most lines that are put into the page at once. */
const MOST = 3000;

export function diffView(patch: FilePatch, options: DiffOptions): HTMLElement {
  const body = h("tbody");
  let [rows, left] = [0, 0];
  for (const hunk of patch.hunks) {
    const [old, now] = [partsOf(hunk, "old", options), partsOf(hunk, "new", options)];
    const span = options.addedOnly ? 2 : 4;
    body.append(h("tr", { className: "hunk" }, h("td", { colSpan: span }, hunk.header)));
    const added = hunk.lines.filter((line) => line.kind === "added");
    const all = options.addedOnly ? added.map((line) => [undefined, line] as const) : pairs(hunk);
    for (const [before, after] of all) {
      if (++rows > MOST) {
        left++;
        continue;
      }
      const right = cells(after, "new", now, options);
      body.append(h("tr", {}, ...(options.addedOnly ? right : [...cells(before, "old", old, options), ...right])));
    }
  }
  const heads = options.addedOnly ? ["line", "after"] : ["line", "before", "line", "after"];
  const head = h("thead", {}, h("tr", {}, ...heads.map((name) => h("th", { scope: "col" }, name))));
  const wrap = h("div", { className: "diff", tabIndex: 0, role: "region", "aria-label": `The diff of ${patch.path}` }, h("table", {}, head, body));
  for (const problem of patch.problems) wrap.prepend(h("p", { className: "warning" }, problem));
  if (patch.binary) wrap.append(h("p", { className: "warning" }, "A binary file: the diff does not show its content."));
  if (left > 0) wrap.append(h("p", { className: "warning" }, `${left} more lines are scanned and not shown here.`));
  return wrap;
}

/** Brings a line of the new side into view. */
export function showLine(view: HTMLElement, line: number): void {
  const cell = view.querySelector<HTMLElement>(`td.number.new[data-line="${line}"]`);
  cell?.scrollIntoView({ block: "center" });
  view.querySelectorAll("tr.current").forEach((row) => row.classList.remove("current"));
  cell?.closest("tr")?.classList.add("current");
}
