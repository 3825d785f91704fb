/**
 * A worker: scans, unpacks and redacts, away from the page. It reads a file
 * piece by piece, so a file of any size takes the same memory.
 */
import { RedactStream, Scanner, loadControls } from "keysieve";
import type { Confidence, ControlFinding } from "keysieve";
import { unpack } from "./archive";
import { side } from "./diff";
import type { DiffLine, FilePatch } from "./diff";
import type { Any } from "./model";

export type Job =
  | { kind: "scan"; path: string; content: Blob; least: Confidence }
  | { kind: "patch"; patch: FilePatch; least: Confidence }
  | { kind: "unpack"; path: string; content: Blob }
  | { kind: "redact"; content: Blob };

export type Answer =
  | { kind: "read"; bytes: number }
  | { kind: "file"; path: string; content: Blob }
  | { kind: "findings"; findings: Any[] }
  | { kind: "controls"; controls: ControlFinding[] }
  | { kind: "clean"; content: Blob; count: number }
  | { kind: "failed"; message: string }
  | { kind: "done" };

/** A file up to this size is scanned at once, and controls are looked for, in bytes. */
const WHOLE = 4 << 20;

const scanners = new Map<Confidence, Scanner>();

function scannerOf(least: Confidence): Scanner {
  const made = scanners.get(least) ?? new Scanner({ minConfidence: least });
  scanners.set(least, made);
  return made;
}

const tell = (answer: Answer) => postMessage(answer);

/** A text that was UTF-16, as the first two bytes of its file tell. */
interface Wide {
  text: string;
  little: boolean;
}

async function wide(content: Blob): Promise<Wide | undefined> {
  const [first, second] = new Uint8Array(await content.slice(0, 2).arrayBuffer());
  const little = first === 0xff && second === 0xfe;
  if (!little && !(first === 0xfe && second === 0xff)) return undefined;
  const decoder = new TextDecoder(little ? "utf-16le" : "utf-16be");
  return { text: decoder.decode(await content.arrayBuffer()), little };
}

/** The text as its file had it, with the mark. */
function encoded(text: string, little: boolean): Blob {
  const view = new DataView(new ArrayBuffer(2 * (text.length + 1)));
  view.setUint16(0, 0xfeff, little);
  for (let at = 0; at < text.length; at++) view.setUint16(2 * (at + 1), text.charCodeAt(at), little);
  return new Blob([view]);
}

async function scan(path: string, content: Blob, least: Confidence): Promise<void> {
  const scanner = scannerOf(least);
  if (content.size <= WHOLE) {
    const text = (await wide(content))?.text ?? new Uint8Array(await content.arrayBuffer());
    const { findings, controls, assessed } = scanner.review(text, path);
    tell({ kind: "findings", findings });
    if (assessed) tell({ kind: "controls", controls });
    tell({ kind: "read", bytes: content.size });
    return;
  }
  const stream = scanner.stream();
  const reader = content.stream().getReader();
  let [bytes, told] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    const findings = done ? stream.finish() : stream.push(value);
    if (findings.length > 0) tell({ kind: "findings", findings });
    if (done) break;
    bytes += value.length;
    if (bytes - told > WHOLE) tell({ kind: "read", bytes: (told = bytes) });
  }
  tell({ kind: "read", bytes });
}

/** What touches added lines, with the lines of the file. */
function touching<T extends { line: number; endLine: number }>(told: T[], lines: readonly DiffLine[]): T[] {
  return told.flatMap((one) => {
    const touched = lines.slice(one.line - 1, one.endLine);
    const line = touched[0]?.new;
    if (line === undefined || !touched.some(({ kind }) => kind === "added")) return [];
    return [{ ...one, line, endLine: touched.at(-1)!.new! }];
  });
}

/** Reviews each hunk as its file is afterwards. */
function scanPatch(patch: FilePatch, least: Confidence): void {
  const scanner = scannerOf(least);
  for (const hunk of patch.hunks) {
    const { text, lines } = side(hunk, "new");
    const { findings, controls, assessed } = scanner.review(text, patch.path);
    tell({ kind: "findings", findings: touching(findings, lines) });
    if (assessed) tell({ kind: "controls", controls: touching(controls, lines) });
  }
}

async function redact(content: Blob): Promise<void> {
  const stream = new RedactStream(scannerOf("likely"));
  const unpacked = await wide(content);
  const bytes = unpacked ? new Blob([unpacked.text]).stream() : content.stream();
  const told = await new Response(bytes.pipeThrough(stream)).blob();
  const clean = unpacked ? encoded(await told.text(), unpacked.little) : told;
  const { findings } = await stream.summary;
  const count = Object.values(findings).reduce((sum, n) => sum + n, 0);
  tell({ kind: "clean", content: clean, count });
}

async function work(job: Job): Promise<void> {
  await loadControls();
  if (job.kind === "scan") await scan(job.path, job.content, job.least);
  else if (job.kind === "patch") scanPatch(job.patch, job.least);
  else if (job.kind === "redact") await redact(job.content);
  else await unpack(job.path, job.content, (file) => tell({ kind: "file", ...file }));
}

addEventListener("message", ({ data }: MessageEvent<Job>) => {
  work(data)
    .catch((error: Error) => tell({ kind: "failed", message: error.message }))
    .finally(() => tell({ kind: "done" }));
});
