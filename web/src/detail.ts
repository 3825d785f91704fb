/** What is known of a finding, and what to do about it. */
import { clear, h } from "./dom";
import type { ControlFinding } from "keysieve";
import { columnOf, isControl } from "./model";
import type { Any, Model, Row } from "./model";

const REASONS: Record<string, string> = {
  shape: "the shape is the provider's own",
  "checksum-valid": "its checksum is right",
  "checksum-mismatch": "its checksum or structure does not hold (which is not conclusive)",
  "structure-valid": "it decodes as its format demands",
  context: "a word of its provider stands near",
  assignment: "it is assigned to a telling name",
  entropy: "it looks random",
  pair: "its second part stands near",
  "no-pair": "its second part was not found near",
  block: "the block is complete",
  unterminated: "the block is cut off before its end",
  model: "it reads like secrets in labelled code do",
};

export interface DetailActions {
  known(row: Row, known: boolean): void;
  reveal(row: Row, shown: boolean): void;
  close(): void;
}

export function detail(model: Model, row: Row | undefined, actions: DetailActions): HTMLElement {
  const element = h("aside", { id: "detail", "aria-label": "Explanation" });
  draw(element, model, row, actions);
  return element;
}

export function draw(element: HTMLElement, model: Model, row: Row | undefined, actions: DetailActions): void {
  if (!row) {
    clear(element, h("p", { className: "hint" }, "Choose a finding: what it is, how sure that is and why, how long it lives and what to do first stand here; of a missing control, what it is evidence for."));
    return;
  }
  const { finding } = row;
  const close = h("button", { type: "button", className: "close", "aria-label": "Close the explanation", onclick: actions.close }, "×");
  if (isControl(finding)) clear(element, close, ...control(row as Row<ControlFinding>, actions));
  else clear(element, close, ...credential(model, row as Row<Any>, actions));
}

const list = (facts: [string, string | Node][]) => h("dl", {}, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

const markKnown = (row: Row, actions: DetailActions) =>
  h("button", { type: "button", id: "mark-known", onclick: () => actions.known(row, !row.known) }, row.known ? "Not known after all" : "Mark as known");

function control(row: Row<ControlFinding>, actions: DetailActions): Node[] {
  const { entry, finding } = row;
  return [
    h("h2", {}, finding.title),
    h("p", {}, h("code", { className: "masked" }, finding.rule), " ", h("span", { className: `badge ${finding.severity}` }, finding.severity)),
    h("div", { className: "actions" }, markKnown(row, actions)),
    h("div", { className: "remedy" }, h("h3", {}, "Do first"), h("p", {}, finding.remedy), h("pre", {}, finding.good)),
    h("p", { className: "note" }, "Evidence that a control is missing, not proof that something can be exploited."),
    list([
      ["Severity", finding.severity],
      ["Precision", `${finding.precision}: how often such a hit is right`],
      ["Where", `${entry.path}, line ${finding.line}, column ${columnOf(finding)}`],
      ["Weakness", finding.cwe.join(", ")],
      ["Evidence for", finding.evidenceFor.join(", ")],
      ["Fingerprint", h("code", {}, finding.fingerprint)],
    ]),
  ];
}

function credential(model: Model, row: Row<Any>, actions: DetailActions): Node[] {
  const { entry, finding } = row;
  const { credential } = finding;
  const rule = model.rules.get(finding.rule);
  const identity = Object.entries(credential.identity);
  let shown = false;
  const reveal = h("button", { type: "button", id: "reveal", "aria-pressed": "false" }, "Show it in the text");
  reveal.addEventListener("click", () => {
    shown = !shown;
    reveal.setAttribute("aria-pressed", String(shown));
    reveal.textContent = shown ? "Hide it again" : "Show it in the text";
    actions.reveal(row, shown);
  });
  const facts: [string, string | Node][] = [
    ["Severity", finding.severity],
    ["Confidence", `${finding.confidence}: ${finding.reasons.map((reason) => REASONS[reason] ?? reason).join(", ")}`],
    ["Lives", credential.lifetime.text],
    ["It is", credential.classText],
    ...identity.map(([name, value]): [string, string] => [name.replace("_", " "), value]),
    ["Where", `${entry.path}, line ${finding.line}, column ${columnOf(finding)}`],
    ["Rule", h("code", {}, finding.rule)],
    ["Fingerprint", h("code", {}, finding.fingerprint)],
  ];
  const told: (Node | null | undefined)[] = [
    h("h2", {}, model.title(finding.rule)),
    h("p", {}, h("code", { className: "masked" }, finding.masked), " ", h("span", { className: `badge ${finding.severity}` }, finding.severity)),
    h(
      "div",
      { className: "actions" },
      reveal,
      markKnown(row, actions),
    ),
    credential.remedy && h("div", { className: "remedy" }, h("h3", {}, "Do first"), h("p", {}, credential.remedy.text)),
    ...credential.notes.map((note) => h("p", { className: "note" }, note.text)),
    rule && h("p", {}, h("a", { href: rule.rotate, target: "_blank", rel: "noreferrer noopener" }, "The page where it is revoked")),
    list(facts),
    rule && h("p", { className: "hint" }, h("a", { href: rule.source, target: "_blank", rel: "noreferrer noopener" }, "What proves its shape")),
  ];
  return told.filter((node) => node != null);
}
