/** The text of a file, with its findings marked. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { Decoration, EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder } from "@codemirror/view";
import type { ControlFinding, Finding, Scanner } from "keysieve";
import { findingsOf, goTo, keysieve, minimap, refilter, reveal } from "keysieve/codemirror";
import { isControl } from "./model";
import type { Any, Told } from "./model";

/** A file up to this size is shown whole, in bytes; of a larger one, a part. */
export const WHOLE = 4 << 20;

/** How much of a large file is shown around a finding, in bytes on either side. */
const AROUND = 64 << 10;

export interface Shown {
  text: string;
  /** How many lines of the file stand in front of the text. */
  before: number;
  /** What is shown, in words, where it is not all. */
  part?: string;
}

/** The text of a file, or of its part around a finding. */
export async function textOf(content: Blob, finding?: Told): Promise<Shown> {
  if (content.size <= WHOLE) {
    const bytes = new Uint8Array(await content.arrayBuffer());
    const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
    return { text: new TextDecoder(wide).decode(bytes), before: 0 };
  }
  const middle = finding?.startByte ?? 0;
  const [from, to] = [Math.max(0, middle - AROUND), Math.min(content.size, middle + AROUND)];
  const text = new TextDecoder().decode(await content.slice(from, to).arrayBuffer());
  const first = from === 0 ? 0 : text.indexOf("\n") + 1;
  const shown = text.slice(first);
  const upTo = new TextDecoder().decode(await content.slice(from, middle).arrayBuffer()).slice(first);
  const before = (finding?.line ?? 1) - upTo.split("\n").length;
  const number = (n: number) => n.toLocaleString("en");
  return { text: shown, before, part: `Bytes ${number(from)} to ${number(to)} of ${number(content.size)} are shown.` };
}

const controlsTold = StateEffect.define<readonly ControlFinding[]>();

/** The lines on which a control is missing, underlined. */
const controls = StateField.define({
  create: () => ({ told: [] as readonly ControlFinding[], marks: Decoration.none }),
  update(value, { effects, changes, state }) {
    for (const effect of effects) {
      if (!effect.is(controlsTold)) continue;
      const told = effect.value.filter((one) => one.startUtf16 < one.endUtf16 && one.endUtf16 <= state.doc.length);
      const mark = ({ title, severity }: ControlFinding) => Decoration.mark({ class: `cm-control ${severity}`, attributes: { title: `control missing: ${title}` } });
      return { told, marks: Decoration.set(told.map((one) => mark(one).range(one.startUtf16, one.endUtf16)), true) };
    }
    return { ...value, marks: value.marks.map(changes) };
  },
  provide: (field) => EditorView.decorations.from(field, ({ marks }) => marks),
});

export interface EditorOptions {
  parent: HTMLElement;
  scanner: Scanner;
  shown: Shown;
  label: string;
  /** Whether it can be edited: then its findings are told as they change. */
  editable: boolean;
  filter(finding: Finding): boolean;
  onChange?(text: string, findings: readonly Finding[]): void;
  onPick(finding: Finding | ControlFinding): void;
}

export class Editor {
  readonly view: EditorView;
  readonly #before: number;

  constructor(options: EditorOptions) {
    const { shown, editable } = options;
    this.#before = shown.before;
    const extensions: Extension[] = [
      // The text is taken as it is, so that offsets stay what they are.
      EditorState.lineSeparator.of("\n"),
      EditorView.cspNonce.of("keysieve"),
      lineNumbers({ formatNumber: (n) => String(n + shown.before) }),
      keysieve({
        scanner: options.scanner,
        filter: options.filter,
        onFindings: (findings, view) => options.onChange?.(view.state.doc.toString(), findings),
      }),
      minimap(),
      controls,
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      drawSelection(),
      history(),
      search({ top: true }),
      keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
      EditorView.contentAttributes.of({ "aria-label": options.label, tabindex: "0" }),
      EditorView.updateListener.of((update) => {
        if (!update.selectionSet) return;
        const at = update.state.selection.main.head;
        const finding = findingsOf(update.state).find((f) => f.startUtf16 <= at && at <= f.endUtf16);
        const missing = update.state.field(controls).told.find((one) => one.startUtf16 <= at && at <= one.endUtf16);
        const picked = finding ?? missing;
        if (picked) options.onPick(picked);
      }),
      editable
        ? placeholder("Paste or type a text here: it is scanned as you type, and stays in this page.")
        : [EditorState.readOnly.of(true), EditorView.editable.of(false)],
    ];
    this.view = new EditorView({ doc: shown.text, parent: options.parent, extensions });
  }

  /** The finding of this text that is the one of the list. */
  #same(finding: Any): Finding | undefined {
    const line = finding.line - this.#before;
    const all = findingsOf(this.view.state).filter((f) => f.fingerprint === finding.fingerprint);
    return all.find((f) => f.line === line) ?? all[0];
  }

  goTo(finding: Told): void {
    if (isControl(finding)) {
      const { told } = this.view.state.field(controls);
      const same = told.find((one) => one.fingerprint === finding.fingerprint && one.line === finding.line);
      if (same) this.view.dispatch({ selection: { anchor: same.startUtf16 }, effects: EditorView.scrollIntoView(same.startUtf16, { y: "center" }) });
      return;
    }
    const same = this.#same(finding);
    if (same) goTo(this.view, same);
  }

  /** Which controls are missing in the text as it is. */
  setControls(told: readonly ControlFinding[]): void {
    this.view.dispatch({ effects: controlsTold.of(told) });
  }

  reveal(finding: Any, shown: boolean): void {
    const same = this.#same(finding);
    if (same) reveal(this.view, same, shown);
  }

  /** What of the findings is shown has changed. */
  refilter(): void {
    refilter(this.view);
  }

  destroy(): void {
    this.view.destroy();
  }
}
