/** What is under review: files, their findings, and what of them is shown. */
import type { Baseline, ControlFinding, FindingBase, Rule, Severity } from "keysieve";
import type { FilePatch } from "./diff";

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** A finding of a text or of a stream. */
export type Any = FindingBase & { column?: number };

/** What is told of a text: a credential, or a control that is missing. */
export type Told = Any | ControlFinding;

export const isControl = (told: Told): told is ControlFinding => "precision" in told;

/** A file under review, or a file of a diff. */
export interface Entry {
  readonly id: number;
  readonly path: string;
  /** The bytes; those of a file stay on the disk until they are read. */
  content: Blob;
  state: "waiting" | "scanning" | "done" | "unread";
  /** Bytes that were read so far. */
  read: number;
  /** Why it could not be read. */
  problem?: string;
  findings: Any[];
  controls: ControlFinding[];
  /** Whether controls were looked for; a file's language may not be known. */
  assessed: boolean;
  /** What a diff changes in this file. */
  patch?: FilePatch;
  /** The text that was typed or pasted. */
  draft?: boolean;
  /** The name of a file as which a draft is read. */
  readAs?: string;
}

/** What is told, and where it is from. */
export interface Row<T extends Told = Told> {
  readonly entry: Entry;
  readonly finding: T;
  readonly known: boolean;
}

export interface Filter {
  /** Which families are shown. */
  credentials: boolean;
  controls: boolean;
  severities: Set<Severity>;
  confidence: "certain" | "likely" | "weak";
  lifetime: string;
  rule: string;
  file: string;
  known: boolean;
}

const RANK = { certain: 3, likely: 2, weak: 1 };

/** In the order of the text. */
const order = (a: Row, b: Row) => a.finding.line - b.finding.line || columnOf(a.finding) - columnOf(b.finding);

export class Model {
  readonly entries: Entry[] = [];
  readonly rules = new Map<string, Rule>();
  readonly filter: Filter = {
    credentials: true,
    controls: true,
    severities: new Set(SEVERITIES),
    confidence: "likely",
    lifetime: "",
    rule: "",
    file: "",
    known: false,
  };
  baseline!: Baseline;
  entry?: Entry;
  selected?: Row;
  #next = 1;

  add(path: string, content: Blob, more: Partial<Entry> = {}): Entry {
    const entry: Entry = { id: this.#next++, path, content, state: "waiting", read: 0, findings: [], controls: [], assessed: false, ...more };
    this.entries.push(entry);
    return entry;
  }

  clear(): void {
    this.entries.length = 0;
    this.entry = this.selected = undefined;
  }

  title(rule: string): string {
    return this.rules.get(rule)?.title ?? rule;
  }

  titleOf(finding: Told): string {
    return isControl(finding) ? finding.title : this.title(finding.rule);
  }

  /** Whether the filter lets a finding through. */
  passes(entry: Entry, finding: Told): boolean {
    const { severities, rule, file, known } = this.filter;
    const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
    return (
      severities.has(finding.severity) &&
      this.#isWanted(finding) &&
      (rule === "" || has(finding.rule, rule) || has(this.titleOf(finding), rule)) &&
      (file === "" || has(entry.path, file)) &&
      (known || !this.baseline.has(finding))
    );
  }

  /** What only credentials have: controls have neither confidence nor lifetime. */
  #isWanted(finding: Told): boolean {
    const { credentials, controls, confidence, lifetime } = this.filter;
    if (isControl(finding)) return controls && lifetime === "";
    return credentials && RANK[finding.confidence] >= RANK[confidence] && (lifetime === "" || finding.credential.lifetime.kind === lifetime);
  }

  #of<T extends Told>(entry: Entry, told: readonly T[]): Row<T>[] {
    const passing = told.filter((finding) => this.passes(entry, finding));
    return passing.map((finding) => ({ entry, finding, known: this.baseline.has(finding) }));
  }

  /** What is shown: by file, in the order of the text. */
  rows(): Row[] {
    return this.entries.flatMap((entry) => {
      const rows: Row[] = this.#of(entry, entry.findings);
      const missing = this.#of(entry, entry.controls);
      return missing.length > 0 ? rows.concat(missing).sort(order) : rows;
    });
  }

  /** The credentials that are shown. */
  credentials(): Row<Any>[] {
    return this.entries.flatMap((entry) => this.#of(entry, entry.findings));
  }

  /** The missing controls that are shown. */
  missing(): Row<ControlFinding>[] {
    return this.entries.flatMap((entry) => this.#of(entry, entry.controls));
  }

  /** Every finding there is, by severity, and how many are known. */
  counts(): { all: number; known: number; severities: Record<Severity, number> } {
    const severities = { critical: 0, high: 0, medium: 0, low: 0 };
    let [all, known] = [0, 0];
    for (const { findings, controls } of this.entries) {
      for (const finding of [...findings, ...controls]) {
        all++;
        if (this.baseline.has(finding)) known++;
        else severities[finding.severity]++;
      }
    }
    return { all, known, severities };
  }

  unread(): Entry[] {
    return this.entries.filter((entry) => entry.state === "unread");
  }
}

/** The column of a finding as people count it. */
export const columnOf = (finding: Told): number => finding.column ?? finding.columnByte;
