/** The list of findings and its filter: credentials, and controls that are missing. */
import { clear, h, plural } from "./dom";
import { SEVERITIES, columnOf, isControl } from "./model";
import type { Entry, Model, Row, Told } from "./model";

/** The most findings in the page at once. */
const STEP = 300;

const LIFETIMES: Record<string, string> = {
  static: "never expires",
  static_dated: "never expires, dated",
  expiring: "expires",
  short_lived: "short-lived",
  expired: "expired",
  refresh: "refresh",
  session: "session",
  seed: "seed",
  unknown: "unknown",
};

/** What a row says beside its title. */
function tags(finding: Told): string[] {
  if (isControl(finding)) return ["control missing"];
  return [finding.confidence, finding.credential.lifetime.kind.replace("_", " ")];
}

export class FindingList {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #model: Model;
  readonly #pick: (row: Row) => void;
  readonly #list = h("ul", { className: "rows", id: "rows", "aria-label": "Findings" });
  readonly #counts = h("div", { className: "counts" });
  #limit = STEP;
  #rows: Row[] = [];

  constructor(model: Model, pick: (row: Row) => void, changed: (least: boolean) => void) {
    this.#model = model;
    this.#pick = pick;
    const { filter } = model;
    const text = (label: string, id: string, set: (value: string) => void) =>
      h("input", { type: "search", id, placeholder: label, "aria-label": `Filter by ${label}`, oninput: (event: Event) => (set((event.target as HTMLInputElement).value), changed(false)) });
    const select = (label: string, id: string, options: [string, string][], value: string, set: (value: string) => void) =>
      h(
        "select",
        { id, "aria-label": label, title: label, onchange: (event: Event) => set((event.target as HTMLSelectElement).value) },
        ...options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)),
      );
    this.search = text("rule", "filter-rule", (value) => (filter.rule = value));
    const severities = SEVERITIES.map((severity) =>
      h(
        "label",
        { className: `chip ${severity}` },
        h("input", {
          type: "checkbox",
          checked: true,
          name: severity,
          onchange: (event: Event) => {
            if ((event.target as HTMLInputElement).checked) filter.severities.add(severity);
            else filter.severities.delete(severity);
            changed(false);
          },
        }),
        severity,
        h("span", { className: "number", id: `count-${severity}` }, "0"),
      ),
    );
    const known = h("label", { className: "chip" }, h("input", { type: "checkbox", id: "filter-known", onchange: (event: Event) => ((filter.known = (event.target as HTMLInputElement).checked), changed(false)) }), "known", h("span", { className: "number", id: "count-known" }, "0"));
    const family = (name: "credentials" | "controls", words: string) =>
      h("label", { className: "chip" }, h("input", { type: "checkbox", checked: true, id: `filter-${name}`, onchange: (event: Event) => ((filter[name] = (event.target as HTMLInputElement).checked), changed(false)) }), words);
    this.element = h(
      "section",
      { id: "findings", "aria-label": "Findings and filter" },
      h("fieldset", { className: "chips" }, h("legend", { className: "sr" }, "Severity"), ...severities, known),
      h("fieldset", { className: "chips" }, h("legend", { className: "sr" }, "Family"), family("credentials", "credentials"), family("controls", "missing controls")),
      h(
        "div",
        { className: "filters" },
        this.search,
        text("file", "filter-file", (value) => (filter.file = value)),
        select("Confidence", "filter-confidence", [["certain", "certain only"], ["likely", "likely or surer"], ["weak", "all (audit)"]], "likely", (value) => {
          filter.confidence = value as typeof filter.confidence;
          changed(true);
        }),
        select("Lifetime", "filter-lifetime", [["", "any lifetime"], ...Object.entries(LIFETIMES)], "", (value) => {
          filter.lifetime = value;
          changed(false);
        }),
      ),
      this.#counts,
      this.#list,
    );
  }

  /** Draws the list anew. */
  draw(): void {
    const { severities, known, all } = this.#model.counts();
    for (const severity of SEVERITIES) {
      this.element.querySelector(`#count-${severity}`)!.textContent = String(severities[severity]);
    }
    this.element.querySelector("#count-known")!.textContent = String(known);
    const rows = this.#model.rows();
    this.#rows = rows;
    clear(this.#counts, all === rows.length ? plural(all, "finding") : `${rows.length.toLocaleString("en")} of ${plural(all, "finding")}`);
    const shown = rows.slice(0, this.#limit);
    const items: HTMLElement[] = [];
    let path: string | undefined;
    const perFile = new Map<Entry, number>();
    for (const { entry } of rows) perFile.set(entry, (perFile.get(entry) ?? 0) + 1);
    for (const row of shown) {
      if (row.entry.path !== path) {
        path = row.entry.path;
        const count = perFile.get(row.entry)!;
        items.push(h("li", { className: "path", title: path }, h("bdi", {}, path), h("span", { className: "number", title: plural(count, "finding") }, String(count))));
      }
      items.push(h("li", {}, this.#button(row)));
    }
    if (rows.length > shown.length) {
      const more = () => ((this.#limit += STEP), this.draw());
      items.push(h("li", {}, h("button", { type: "button", className: "more", onclick: more }, `Show ${Math.min(STEP, rows.length - shown.length)} more`)));
    }
    if (items.length === 0) items.push(this.#nothing(all));
    clear(this.#list, ...items);
  }

  /** Why the list is empty. */
  #nothing(all: number): HTMLElement {
    const { entries } = this.#model;
    const read = entries.filter((entry) => entry.state === "done" && (!entry.draft || entry.content.size > 0)).length;
    const assessed = entries.filter((entry) => entry.assessed).length;
    if (all > 0) return h("li", { className: "empty" }, h("strong", {}, "Nothing passes the filter"), "Show more severities, a lower confidence, or what is known.");
    if (entries.some((entry) => entry.state === "scanning" || entry.state === "waiting")) return h("li", { className: "empty" }, "Nothing so far…");
    if (read === 0) return h("li", { className: "empty" }, "What is found stands here.");
    return h("li", { className: "empty" }, h("span", { className: "mark", "aria-hidden": "true" }, "✓"), h("strong", {}, "No credentials found"), `${plural(read, "file")} read${assessed > 0 ? `, ${assessed} of them looked through for missing controls: none found` : ""}.`);
  }

  #button(row: Row): HTMLElement {
    const { finding, known } = row;
    const selected = this.#isSelected(row);
    return h(
      "button",
      { type: "button", className: `row ${finding.severity}${known ? " known" : ""}`, "aria-current": selected ? "true" : undefined, onclick: () => this.#pick(row) },
      h("span", { className: `dot ${finding.severity}`, role: "img", "aria-label": finding.severity }),
      h("span", { className: "title" }, this.#model.titleOf(finding)),
      h("span", { className: "place" }, `${finding.line}:${columnOf(finding)}`),
      h("code", {}, isControl(finding) ? finding.rule : finding.masked),
      h("span", { className: "tags" }, [known ? "known" : "", ...tags(finding)].filter(Boolean).join(" · ")),
    );
  }

  #isSelected({ entry, finding }: Row): boolean {
    const selected = this.#model.selected;
    return selected?.entry === entry && selected.finding.startByte === finding.startByte && selected.finding.line === finding.line && selected.finding.rule === finding.rule;
  }

  /** Picks the next finding or the one before. */
  step(by: 1 | -1): void {
    const at = this.#rows.findIndex((row) => this.#isSelected(row));
    const row = this.#rows[at < 0 ? (by > 0 ? 0 : this.#rows.length - 1) : at + by];
    if (!row) return;
    while (this.#rows.indexOf(row) >= this.#limit) this.#limit += STEP;
    this.#pick(row);
    this.#list.querySelector<HTMLElement>("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }
}
