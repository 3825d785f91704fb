/**
 * keysieve in JavaScript: what the WebAssembly package and the Node addon have
 * in common. Both give the same findings for the same bytes, as the program
 * does.
 *
 * Units are in the names: `…Byte` counts bytes of UTF-8, `…Utf16` counts what
 * JavaScript strings count. Lines and columns count from 1. A string is read
 * as its UTF-8; a lone surrogate in it counts as U+FFFD, as everywhere on the
 * web.
 *
 * No message of an error repeats anything of a text.
 */

export type Severity = "low" | "medium" | "high" | "critical";
export type Confidence = "weak" | "likely" | "certain";

/** What is scanned: a string, or bytes in any encoding. */
export type Text = string | Uint8Array;

/** How a scanner runs. */
export interface ScannerOptions {
  /** Whether the built-in rules run; true by default. */
  builtin?: boolean;
  /** Further rules: packs that `keysieve rules build` compiled. */
  rules?: Uint8Array | readonly Uint8Array[];
  /** Rules that do not run: ids, or beginnings of ids and `*`. */
  disable?: readonly string[];
  /** The least confidence that is told; `likely` by default. */
  minConfidence?: Confidence;
  /** A key of one's own, so that two projects' fingerprints cannot be compared. */
  fingerprintKey?: string;
  /** Whether comments such as `keysieve:allow` allow findings; true by default. */
  inlineAllow?: boolean;
  /** The clock by which lifetimes are judged; `null` for none, by default now. */
  now?: Date | null;
}

/** A code and what it means. */
export interface Words {
  code: string;
  text: string;
}

/** How long a credential lives. Times are RFC 3339 in UTC. */
export interface Lifetime {
  /** `static`, `static_dated`, `short_lived`, `expiring`, `refresh`, `session`, `seed`, `unknown` or `expired`. */
  kind: string;
  /** Where that was read from; `provider_policy` where it was not read from the credential. */
  source: string;
  /** In words. */
  text: string;
  issuedAt: string | null;
  notBefore: string | null;
  expiresAt: string | null;
  ttlSeconds: number | null;
  /** Negative when it has expired. */
  secondsLeft: number | null;
}

/** What is known of a credential, offline. */
export interface Credential {
  class: string;
  classText: string;
  lifetime: Lifetime;
  /** Whose it is, as far as it says so itself: `issuer`, `subject`, `account` and others. */
  identity: Record<string, string>;
  /** What to do first; `null` for what is public by design. */
  remedy: Words | null;
  notes: Words[];
}

/** What every finding tells, also in a stream, of which only a part is in memory. It holds no byte of the secret but `masked`'s public prefix. */
export interface FindingBase {
  /** The rule's id. */
  rule: string;
  /** The rule's severity, moved by what was read from the credential. */
  severity: Severity;
  confidence: Confidence;
  /** What spoke for and against it. */
  reasons: string[];
  startByte: number;
  /** Behind the last byte. */
  endByte: number;
  /** The line of the first byte, from 1. */
  line: number;
  /** In bytes, from 1. */
  columnByte: number;
  /** The line of the last byte, from 1. */
  endLine: number;
  endColumnByte: number;
  /** Keyed hash of the secret alone: the same wherever it moves. */
  fingerprint: string;
  /** The provider's public prefix and eight asterisks. */
  masked: string;
  credential: Credential;
}

/** A credential in a text. */
export interface Finding extends FindingBase {
  startUtf16: number;
  endUtf16: number;
  /** In UTF-16 units, from 1. */
  column: number;
  endColumn: number;
}

/** A credential in a stream. */
export type StreamFinding = FindingBase;

/** A control that code which handles credentials leaves out or switches off: evidence, never proof. */
export interface ControlFinding {
  /** The control's id, `AC-nn`. */
  rule: string;
  /** What is missing, in words. */
  title: string;
  /** One step less in tests. */
  severity: Severity;
  /** How often such a hit is right. */
  precision: "low" | "medium" | "high";
  startByte: number;
  endByte: number;
  startUtf16: number;
  endUtf16: number;
  /** The line of the first byte, from 1. */
  line: number;
  /** In UTF-16 units, from 1. */
  column: number;
  columnByte: number;
  endLine: number;
  endColumn: number;
  endColumnByte: number;
  /** Keyed hash of the control, the path and the matched text, blanks aside. */
  fingerprint: string;
  /** What to do. */
  remedy: string;
  /** A line that does it right. */
  good: string;
  /** Weaknesses, `CWE-n`. */
  cwe: string[];
  /** Entries of published lists that it is evidence for. */
  evidenceFor: string[];
}

/** What a review of a file tells. */
export interface Review {
  findings: Finding[];
  controls: ControlFinding[];
  /** Whether controls were looked for: not in languages that are not known, nor in very large files. */
  assessed: boolean;
}

/** A rule. */
export interface Rule {
  id: string;
  title: string;
  provider: string;
  /** `token`, `value`, `userinfo`, `block` or `scored`. */
  kind: string;
  severity: Severity;
  confidence: Confidence;
  lifetime: string;
  /** The documented duration (`1h`), or an empty text. */
  duration: string;
  /** The page on which such a credential is revoked. */
  rotate: string;
  /** What proves its shape. */
  source: string;
}

/** How secrets are taken out. */
export interface RedactOptions {
  /**
   * `fixed` (by default), `partial`, `same-length`, `keyed`, or a template with
   * `{rule}`, `{prefix}` and `{tag}`.
   */
  mask?: string;
  /** The key of `keyed` and `{tag}`. */
  key?: string;
  /** Log packs: `http-headers`, `urls`, `connection-strings`, `pii`. */
  packs?: readonly string[];
  /** Exact values to take out wherever they stand, in any of their usual encodings. */
  values?: readonly string[];
}

/** What a redaction came to. */
export interface RedactSummary {
  bytesIn: number;
  bytesOut: number;
  /** How many of each kind, by the name in their masks. */
  findings: Record<string, number>;
}

/** A change of a document: what stands between two offsets is replaced. */
export interface Edit {
  startUtf16: number;
  endUtf16: number;
  text: string;
}

/** Finds credentials. Immutable. */
export class Scanner {
  /** @throws when an option is wrong, or before `load()` has ended. */
  constructor(options?: ScannerOptions);
  /** Every finding, in order. */
  scan(text: Text): Finding[];
  /**
   * Every finding in a file, and the controls that it leaves out, in one pass;
   * those run that run by default. The path tells the language and the part
   * that the file plays.
   * @throws before `loadControls()` has ended.
   */
  review(text: Text, path: string): Review;
  /** The same text without its secrets; every other byte is untouched. */
  redact<T extends Text>(text: T, options?: RedactOptions): T extends string ? string : Uint8Array;
  /** A scanner of an input that comes in pieces. */
  stream(): ScanStream;
  /** A text that will be edited. */
  document(text: string): Document;
  /** The rules that run. */
  rules(): Rule[];
  /** Gives its memory back; otherwise the garbage collector does. */
  free(): void;
}

/**
 * Scans an input that comes in pieces, in bounded memory; the findings are
 * those of the whole, however it is cut. Comments that allow findings are not
 * read: they may stand behind what has been told.
 */
export class ScanStream {
  private constructor();
  /** The next bytes; what can be decided. */
  push(chunk: Uint8Array): StreamFinding[];
  /** The input has ended; the rest. Nothing may be pushed any more. */
  finish(): StreamFinding[];
  free(): void;
}

/** A text that is edited. */
export class Document {
  private constructor();
  /** The findings in the text as it is. */
  readonly findings: Finding[];
  /** The text. */
  readonly text: string;
  /**
   * Changes the text and tells the findings: those of a full scan. Several
   * edits are made in order, each in the text that the one before has left.
   */
  update(edit: Edit | readonly Edit[]): Finding[];
  free(): void;
}

/**
 * A `TransformStream` that takes secrets out: `body.pipeThrough(new
 * RedactStream(scanner))`. When a piece has been written, every complete line
 * is out, unless it stands behind something that is still open.
 */
export class RedactStream {
  constructor(scanner: Scanner, options?: RedactOptions);
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Text>;
  /** Settles when the stream has ended. */
  readonly summary: Promise<RedactSummary>;
}

/** Secrets that are already known, in the file format of `keysieve baseline`. */
export class Baseline {
  /** @throws when the text is no baseline; names the line. */
  constructor(file?: string);
  has(finding: Pick<FindingBase, "fingerprint">): boolean;
  /** Adds a finding; the path is for people. */
  add(finding: Pick<FindingBase, "fingerprint" | "rule">, path?: string): void;
  /** Whether it was known. */
  remove(finding: Pick<FindingBase, "fingerprint">): boolean;
  readonly size: number;
  /** The file: the same secrets give the same bytes. */
  toString(): string;
  free(): void;
}

/** From where and how the engine is loaded. */
export interface LoadOptions {
  /** The build: by default the one with simd128 where it runs, or else the plain one. */
  simd?: boolean;
  /** The compiled module, or its bytes, instead of the one that comes with the package. */
  module?: WebAssembly.Module | Uint8Array | ArrayBuffer;
}

/**
 * Makes the engine ready; every other thing here needs it first. Loads once,
 * however often it is called. (The Node addon is always ready.)
 */
export function load(options?: LoadOptions): Promise<void>;

/**
 * Loads the controls for `Scanner.review`, and the engine if it is not ready.
 * (The Node addon has them.)
 */
export function loadControls(): Promise<void>;

/** Which engine runs, for messages. */
export interface EngineInfo {
  version: string;
  /** `simd128`, `plain` or `native`. */
  build: string;
}

/** @throws before `load()` has ended. */
export function engine(): EngineInfo;
