/** keysieve for Node: what `api.d.ts` tells, and what only Node has. */
export * from "./api.js";

import { Transform, type TransformOptions } from "node:stream";
import {
  Scanner as CommonScanner,
  type Finding,
  type RedactOptions,
  type RedactSummary,
  type ScannerOptions as CommonOptions,
  type Text,
} from "./api.js";

/** How a scanner runs. */
export interface ScannerOptions extends Omit<CommonOptions, "rules"> {
  /** Further rules: packs, or the text of TOML files. */
  rules?: string | Uint8Array | readonly (string | Uint8Array)[];
}

/** The pack of rules that are written as TOML; the name is for messages. */
export function compileRules(text: string, name?: string): Uint8Array;

/** How work in another thread is given up. */
export interface AsyncOptions {
  signal?: AbortSignal;
}

/** What a file came to. Offsets are those of its text as UTF-8. */
export interface FileFindings {
  path: string;
  content: "text" | "binary";
  /** The file's length. */
  bytes: number;
  findings: Finding[];
}

/** A finding in a file. */
export interface FileFinding extends Finding {
  path: string;
}

export interface Progress {
  files: number;
  allFiles: number;
  bytes: number;
  allBytes: number;
}

export interface FilesOptions extends AsyncOptions {
  /** How many files are read at once; as many as there are cores by default. */
  concurrency?: number;
  /** Called behind each file. */
  onProgress?: (progress: Progress) => void;
}

/** Something that was to be read and was not. */
export interface Problem {
  path: string;
  message: string;
}

/** The findings in files, as they come. */
export interface FileScan extends AsyncIterable<FileFinding> {
  /** What could not be read; whole when the iteration has ended. */
  readonly problems: readonly Problem[];
}

/** Finds credentials. Immutable. */
export class Scanner extends CommonScanner {
  constructor(options?: ScannerOptions);
  /** Every finding, in order, from another thread; the bytes are copied first. */
  scanAsync(text: Text, options?: AsyncOptions): Promise<Finding[]>;
  /** Every finding in a file, which is read and scanned in another thread. */
  scanFile(path: string | URL, options?: AsyncOptions): Promise<FileFindings>;
  /** Every finding in files and below folders; ignore files are obeyed. */
  scanFiles(paths: string | URL | readonly (string | URL)[], options?: FilesOptions): FileScan;
  /** A redactor of many texts that each stand alone. */
  redactor(options?: RedactOptions): Redactor;
}

/** Cleans texts that each stand alone: made once, used often. */
export class Redactor {
  private constructor();
  /** The text itself where nothing is found in it. */
  clean<T extends Text>(text: T): T extends string ? string : Uint8Array;
  free(): void;
}

/** Takes secrets out of a stream of Node. */
export class RedactTransform extends Transform {
  constructor(scanner: Scanner, options?: RedactOptions, streamOptions?: TransformOptions);
  /** Known when the stream has ended. */
  readonly summary: RedactSummary | undefined;
}

/** How loggers redact. */
export interface LoggerOptions extends RedactOptions {
  /** A scanner, or the options of one; for a worker thread the options. */
  scanner?: Scanner | ScannerOptions;
}
