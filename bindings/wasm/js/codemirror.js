// keysieve in CodeMirror 6; codemirror.d.ts tells what is here.
import { Facet, Prec, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, ViewPlugin, WidgetType, gutter, hoverTooltip, keymap } from "@codemirror/view";

const found = StateEffect.define();
const drawn = StateEffect.define();
const toggled = StateEffect.define();
const config = Facet.define({ combine: (all) => all[0] ?? {} });

/** Every finding is named by where it begins and its rule. */
const keyOf = (finding) => `${finding.startUtf16} ${finding.rule}`;

const titles = new WeakMap();

function titleOf({ rules, scanner }, id) {
  const source = rules ?? scanner;
  if (!source) return id;
  if (!titles.has(source)) {
    const list = rules ?? scanner.rules();
    titles.set(source, new Map(list.map((rule) => [rule.id, rule.title])));
  }
  return titles.get(source).get(id) ?? id;
}

/** What stands for a secret until it is pressed. */
class Mask extends WidgetType {
  constructor(finding, title) {
    super();
    this.finding = finding;
    this.title = title;
  }
  eq(other) {
    return keyOf(other.finding) === keyOf(this.finding) && other.finding.masked === this.finding.masked;
  }
  toDOM(view) {
    const button = document.createElement("span");
    button.className = `cm-keysieve-mask cm-keysieve-${this.finding.severity}`;
    button.textContent = this.finding.masked;
    button.tabIndex = 0;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", `${this.finding.masked}: ${this.title}, hidden. Press to show`);
    button.title = `${this.title} — press to show`;
    button.onclick = () => reveal(view, this.finding, true);
    button.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      reveal(view, this.finding, true);
    };
    return button;
  }
  ignoreEvent() {
    return true;
  }
}

class Dot extends GutterMarker {
  constructor(finding, title) {
    super();
    this.finding = finding;
    this.title = title;
  }
  eq(other) {
    return other.finding.severity === this.finding.severity && other.title === this.title;
  }
  toDOM() {
    const dot = document.createElement("span");
    dot.className = `cm-keysieve-dot cm-keysieve-${this.finding.severity}`;
    dot.title = `${this.finding.severity}: ${this.title}`;
    dot.setAttribute("role", "img");
    dot.setAttribute("aria-label", dot.title);
    return dot;
  }
}

/** Findings, which of them are shown, and what is drawn of them. */
const field = StateField.define({
  create: (state) => draw(state, { findings: [], revealed: new Set() }),
  update(value, transaction) {
    let { findings, revealed } = value;
    let again = false;
    for (const effect of transaction.effects) {
      if (effect.is(found)) [findings, again] = [effect.value, true];
      if (effect.is(drawn)) again = true;
      if (effect.is(toggled)) {
        revealed = new Set(revealed);
        const key = keyOf(effect.value.finding);
        effect.value.shown ? revealed.add(key) : revealed.delete(key);
        again = true;
      }
    }
    if (again) return draw(transaction.state, { findings, revealed });
    if (!transaction.docChanged) return value;
    const { changes } = transaction;
    return { ...value, marks: value.marks.map(changes), dots: value.dots.map(changes) };
  },
  provide: (self) => [
    EditorView.decorations.from(self, (value) => value.marks),
    EditorView.atomicRanges.of((view) => view.state.field(self).masks),
  ],
});

function draw(state, { findings, revealed }) {
  const options = state.facet(config);
  const length = state.doc.length;
  const shown = findings.filter((f) => f.endUtf16 <= length && (options.filter?.(f) ?? true));
  const [marks, masks, dots] = [[], [], []];
  let end = 0;
  for (const finding of shown) {
    const { startUtf16: from, endUtf16: to, severity } = finding;
    const title = titleOf(options, finding.rule);
    dots.push(new Dot(finding, title).range(state.doc.lineAt(from).from));
    if (from < end || from >= to) continue;
    end = to;
    const hidden = options.mask !== false && !revealed.has(keyOf(finding));
    if (hidden) {
      const mask = Decoration.replace({ widget: new Mask(finding, title) }).range(from, to);
      marks.push(mask);
      masks.push(mask);
    } else {
      marks.push(Decoration.mark({ class: `cm-keysieve-secret cm-keysieve-${severity}` }).range(from, to));
    }
  }
  return { findings, shown, revealed, marks: Decoration.set(marks, true), masks: RangeSet.of(masks, true), dots: RangeSet.of(dots, true) };
}

/** Keeps a document of the engine beside that of the editor. */
const scanning = ViewPlugin.fromClass(
  class {
    constructor(view) {
      const { scanner } = view.state.facet(config);
      if (!scanner) return;
      this.document = scanner.document(view.state.doc.toString());
      this.tell(view, this.document.findings);
    }
    update(update) {
      if (!this.document || !update.docChanged) return;
      const edits = [];
      update.changes.iterChanges((startUtf16, endUtf16, _from, _to, text) => {
        edits.push({ startUtf16, endUtf16, text: text.toString() });
      });
      // Their places are those before all of them: so the last comes first.
      this.tell(update.view, this.document.update(edits.reverse()));
    }
    /** Not within an update: the editor takes no other then. */
    tell(view, findings) {
      queueMicrotask(() => {
        if (this.document && findings === this.document.findings) setFindings(view, findings);
      });
    }
    destroy() {
      this.document?.free();
      this.document = undefined;
    }
  },
);

/** A secret that is shown is hidden again where it is pressed. */
const hiding = EditorView.domEventHandlers({
  click(event, view) {
    if (!event.target.closest?.(".cm-keysieve-secret")) return false;
    const at = view.posAtDOM(event.target);
    const finding = findingAt(view.state, at);
    if (!finding || view.state.facet(config).mask === false) return false;
    reveal(view, finding, false);
    return true;
  },
});

const findingAt = (state, at) => findingsOf(state).find((f) => f.startUtf16 <= at && at < f.endUtf16);

const tooltips = hoverTooltip((view, at) => {
  const finding = findingAt(view.state, at);
  if (!finding) return null;
  return {
    pos: finding.startUtf16,
    end: finding.endUtf16,
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "cm-keysieve-tooltip";
      const title = document.createElement("strong");
      title.textContent = titleOf(view.state.facet(config), finding.rule);
      const { lifetime, remedy } = finding.credential;
      const lines = [`${finding.severity}, ${finding.confidence}`, lifetime.text, remedy?.text];
      dom.append(title, ...lines.filter(Boolean).map((line) => {
        const row = document.createElement("div");
        row.textContent = line;
        return row;
      }));
      return { dom };
    },
  };
});

const theme = EditorView.baseTheme({
  ".cm-keysieve-mask": { borderRadius: "3px", padding: "0 3px", cursor: "pointer", background: "color-mix(in srgb, var(--keysieve, #b00) 16%, transparent)", outlineOffset: "1px" },
  ".cm-keysieve-mask:focus-visible": { outline: "2px solid var(--keysieve, #b00)" },
  ".cm-keysieve-secret": { cursor: "pointer", background: "color-mix(in srgb, var(--keysieve, #b00) 16%, transparent)", textDecoration: "underline wavy var(--keysieve, #b00)" },
  ".cm-keysieve-critical": { "--keysieve": "var(--keysieve-critical, #c4163a)" },
  ".cm-keysieve-high": { "--keysieve": "var(--keysieve-high, #c2510c)" },
  ".cm-keysieve-medium": { "--keysieve": "var(--keysieve-medium, #9a7400)" },
  ".cm-keysieve-low": { "--keysieve": "var(--keysieve-low, #4a6b8a)" },
  ".cm-keysieve-gutter": { width: "14px" },
  ".cm-keysieve-dot": { display: "block", width: "8px", height: "8px", margin: "5px auto 0", borderRadius: "50%", background: "var(--keysieve, #b00)" },
  ".cm-keysieve-tooltip": { padding: "6px 10px", maxWidth: "46ch" },
  ".cm-keysieve-minimap": { position: "absolute", top: "0", right: "0", bottom: "0", width: "12px", zIndex: "5", cursor: "pointer", background: "color-mix(in srgb, currentColor 5%, transparent)" },
  ".cm-keysieve-minimap span": { position: "absolute", left: "1px", right: "1px", height: "3px", borderRadius: "1px", background: "var(--keysieve, #b00)" },
  ".cm-keysieve-minimap div": { position: "absolute", left: "0", right: "0", minHeight: "6px", background: "color-mix(in srgb, currentColor 14%, transparent)" },
});

export function keysieve(options = {}) {
  const keys = [
    { key: "F8", run: nextFinding },
    { key: "Shift-F8", run: previousFinding },
  ];
  const marks = gutter({
    class: "cm-keysieve-gutter",
    markers: (view) => view.state.field(field).dots,
    initialSpacer: () => null,
  });
  return [config.of(options), field, scanning, hiding, tooltips, marks, theme, Prec.high(keymap.of(keys)), changes];
}

/** Tells the page when the findings are others. */
const changes = EditorView.updateListener.of((update) => {
  const is = findingsOf(update.state);
  if (is !== findingsOf(update.startState)) {
    update.state.facet(config).onFindings?.(is, update.view);
  }
});

const strip = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.dom = document.createElement("div");
      this.dom.className = "cm-keysieve-minimap";
      this.dom.setAttribute("aria-hidden", "true");
      this.part = document.createElement("div");
      this.dom.onclick = (event) => {
        const box = this.dom.getBoundingClientRect();
        const line = Math.ceil(((event.clientY - box.top) / box.height) * view.state.doc.lines) || 1;
        const at = view.state.doc.line(Math.min(line, view.state.doc.lines)).from;
        view.dispatch({ effects: EditorView.scrollIntoView(at, { y: "center" }) });
      };
      this.scrolled = () => this.place(view);
      view.scrollDOM.addEventListener("scroll", this.scrolled, { passive: true });
      view.dom.append(this.dom);
      this.draw(view);
    }
    update(update) {
      const is = update.state.field(field, false);
      if (is !== update.startState.field(field, false)) this.draw(update.view);
      if (update.geometryChanged) this.place(update.view);
    }
    draw(view) {
      const lines = view.state.doc.lines;
      const shown = view.state.field(field, false)?.shown ?? [];
      const rows = new Map();
      for (const { line, severity } of shown) {
        const row = Math.round(((line - 1) / lines) * 400) / 4;
        if (!rows.has(row)) rows.set(row, severity);
      }
      const ticks = Array.from(rows, ([row, severity]) => {
        const tick = document.createElement("span");
        tick.className = `cm-keysieve-${severity}`;
        tick.style.top = `min(${row}%, calc(100% - 3px))`;
        return tick;
      });
      this.dom.replaceChildren(this.part, ...ticks);
      this.place(view);
    }
    place(view) {
      view.requestMeasure({
        key: this,
        read: ({ scrollDOM: s }) => [s.scrollTop / s.scrollHeight, s.clientHeight / s.scrollHeight],
        write: ([top, height]) => {
          this.part.style.top = `${top * 100}%`;
          this.part.style.height = `${height * 100}%`;
          this.part.hidden = height >= 1;
        },
      });
    }
    destroy() {
      this.dom.remove();
    }
  },
);

export function minimap() {
  return [strip, theme];
}

export function findingsOf(state) {
  return state.field(field, false)?.findings ?? [];
}

export function setFindings(view, findings) {
  view.dispatch({ effects: found.of(findings) });
}

export function refilter(view) {
  view.dispatch({ effects: drawn.of(null) });
}

export function reveal(view, finding, shown) {
  view.dispatch({ effects: toggled.of({ finding, shown }) });
}

export function goTo(view, finding) {
  const at = Math.min(finding.startUtf16, view.state.doc.length);
  view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
}

function move(view, next) {
  const shown = view.state.field(field, false)?.shown ?? [];
  if (shown.length === 0) return false;
  const at = view.state.selection.main.head;
  const finding = next
    ? (shown.find((f) => f.startUtf16 > at) ?? shown[0])
    : (shown.findLast((f) => f.startUtf16 < at) ?? shown.at(-1));
  goTo(view, finding);
  return true;
}

export const nextFinding = (view) => move(view, true);
export const previousFinding = (view) => move(view, false);
