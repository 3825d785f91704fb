/** What is under review: files, their findings, and what of them is shown. */
import type { Baseline, FindingBase, Rule, Severity } from "keysieve";
import type { FilePatch } from "./diff";

export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** A finding of a text or of a stream. */
export type Any = FindingBase & { column?: number };

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
  /** What a diff changes in this file. */
  patch?: FilePatch;
  /** The text that was typed or pasted. */
  draft?: boolean;
}

/** A finding and where it is from. */
export interface Row {
  readonly entry: Entry;
  readonly finding: Any;
  readonly known: boolean;
}

export interface Filter {
  severities: Set<Severity>;
  confidence: "certain" | "likely" | "weak";
  lifetime: string;
  rule: string;
  file: string;
  known: boolean;
}

const RANK = { certain: 3, likely: 2, weak: 1 };

export class Model {
  readonly entries: Entry[] = [];
  readonly rules = new Map<string, Rule>();
  readonly filter: Filter = {
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
    const entry: Entry = { id: this.#next++, path, content, state: "waiting", read: 0, findings: [], ...more };
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

  /** Whether the filter lets a finding through. */
  passes(entry: Entry, finding: Any): boolean {
    const { severities, confidence, lifetime, rule, file, known } = this.filter;
    const has = (text: string, part: string) => text.toLowerCase().includes(part.toLowerCase());
    return (
      severities.has(finding.severity) &&
      RANK[finding.confidence] >= RANK[confidence] &&
      (lifetime === "" || finding.credential.lifetime.kind === lifetime) &&
      (rule === "" || has(finding.rule, rule) || has(this.title(finding.rule), rule)) &&
      (file === "" || has(entry.path, file)) &&
      (known || !this.baseline.has(finding))
    );
  }

  /** The findings that are shown: by file, in the order of the text. */
  rows(): Row[] {
    const rows: Row[] = [];
    for (const entry of this.entries) {
      for (const finding of entry.findings) {
        if (this.passes(entry, finding)) rows.push({ entry, finding, known: this.baseline.has(finding) });
      }
    }
    return rows;
  }

  /** Every finding there is, by severity, and how many are known. */
  counts(): { all: number; known: number; severities: Record<Severity, number> } {
    const severities = { critical: 0, high: 0, medium: 0, low: 0 };
    let [all, known] = [0, 0];
    for (const { findings } of this.entries) {
      for (const finding of findings) {
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
export const columnOf = (finding: Any): number => finding.column ?? finding.columnByte;
