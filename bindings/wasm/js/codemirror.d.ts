/** keysieve in CodeMirror 6: findings as they are typed, masked, with a gutter and a minimap. */
import type { EditorState, Extension } from "@codemirror/state";
import type { Command, EditorView } from "@codemirror/view";
import type { Finding, Rule, Scanner } from "./api.js";

export interface KeysieveOptions {
  /** Scans the text, again after each edit. Without one, findings come from `setFindings`. */
  scanner?: Scanner;
  /** Titles for tooltips and screen readers; by default the scanner's rules. */
  rules?: readonly Rule[];
  /** Whether secrets are hidden until they are pressed; true by default. */
  mask?: boolean;
  /** Told whenever the findings are others. */
  onFindings?(findings: readonly Finding[], view: EditorView): void;
  /** Whether a finding is shown; by default all are. */
  filter?(finding: Finding): boolean;
}

/** Marks findings in the text and in a gutter, hides secrets, and knows F8 and Shift-F8. */
export function keysieve(options?: KeysieveOptions): Extension;

/** A strip beside the text that shows where findings stand. */
export function minimap(): Extension;

/** The findings in the text as it is. */
export function findingsOf(state: EditorState): readonly Finding[];

/** Puts findings that were made elsewhere, a worker say, into an editor. */
export function setFindings(view: EditorView, findings: readonly Finding[]): void;

/** Draws anew what `filter` shows. */
export function refilter(view: EditorView): void;

/** Shows a secret, or hides it again. */
export function reveal(view: EditorView, finding: Finding, shown: boolean): void;

/** Moves to a finding and selects nothing of it. */
export function goTo(view: EditorView, finding: Finding): void;

export const nextFinding: Command;
export const previousFinding: Command;
