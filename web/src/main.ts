/** The review page: what happens when something is opened, picked or pressed. */
import { Baseline, Scanner, engine, loadControls } from "keysieve";
import { isArchive } from "./archive";
import { diffView, showLine } from "./diffview";
import { isDiff, parseDiff } from "./diff";
import { detail, draw as drawDetail } from "./detail";
import { clear, download, h, plural, size } from "./dom";
import { Editor, textOf } from "./editor";
import { FindingList } from "./findings";
import { chosen, dropped } from "./intake";
import type { Incoming } from "./intake";
import { Model, isControl } from "./model";
import type { Any, Entry, Row, Told } from "./model";
import { Pool } from "./pool";
import { redactAll, redactOne } from "./redact";
import * as report from "./report";
import { bar, dialogs, menu } from "./chrome";
import { example, welcome } from "./welcome";
import type { Answer } from "./worker";

/** A text up to this size is looked at for being a diff, in bytes. */
const MOST_DIFF = 32 << 20;

const DRAFT = "pasted text";

/** As what a draft is read, by the name of such a file. */
const DRAFTS: [string, string][] = [
  [DRAFT, "plain text"],
  ["pasted.ts", "JavaScript, TypeScript"],
  ["pasted.py", "Python"],
  ["pasted.go", "Go"],
  ["pasted.java", "Java"],
  ["pasted.kt", "Kotlin"],
  ["pasted.cs", "C#"],
  ["pasted.php", "PHP"],
  ["pasted.rb", "Ruby"],
  ["pasted.rs", "Rust"],
  [".github/workflows/pasted.yml", "GitHub workflow"],
  [".mcp.json", "settings of an agent (MCP)"],
];

/** How long after an edit a draft is looked through for missing controls, in milliseconds. */
const PAUSE = 250;

class App {
  readonly model = new Model();
  readonly pool = new Pool();
  readonly scanner = new Scanner({ minConfidence: "weak" });
  readonly list: FindingList;
  readonly detail: HTMLElement;
  readonly view = h("section", { id: "view", "aria-label": "Text" });
  readonly progress = h("progress", { hidden: true, "aria-label": "Progress" });
  readonly status = h("p", { id: "status", role: "status" });
  readonly main: HTMLElement;
  #editor?: Editor;
  #diff?: HTMLElement;
  #addedOnly = false;
  #drawing = 0;
  #reviewing = 0;
  #pending = 0;

  constructor(root: HTMLElement) {
    this.model.baseline = new Baseline();
    for (const rule of this.scanner.rules()) this.model.rules.set(rule.id, rule);
    this.list = new FindingList(this.model, (row) => this.pick(row), (again) => this.filtered(again));
    this.detail = detail(this.model, undefined, this.#actions);
    this.main = h("main", {}, this.list.element, this.view, this.detail);
    const { version, build } = engine();
    const about = `keysieve ${version}, ${build}, ${this.model.rules.size} rules`;
    root.append(this.#header(about), this.main, h("footer", {}, this.progress, this.status, h("span", { className: "local" }, "local only")));
    this.#listen(root);
    this.welcome();
    this.draw();
    this.say(`${about}. Nothing leaves this page.`);
  }

  #actions = {
    known: (row: Row, known: boolean) => this.mark(row, known),
    reveal: (row: Row, shown: boolean) => isControl(row.finding) || this.reveal(row.finding, shown),
    close: () => this.pick(undefined),
  };

  #header(about: string): HTMLElement {
    const input = (id: string, more: Record<string, unknown>, got: (input: HTMLInputElement) => void) => {
      const element = h("input", { type: "file", id, className: "sr", tabIndex: -1, "aria-hidden": "true", ...more });
      element.addEventListener("change", () => (got(element), (element.value = "")));
      return element;
    };
    const files = input("open-files", { multiple: true }, (from) => this.open(chosen(from)));
    const folder = input("open-folder", { webkitdirectory: true }, (from) => this.open(chosen(from)));
    const baseline = input("open-baseline", {}, (from) => this.loadBaseline(from.files![0]!));
    const save = (name: string, type: string, text: () => string) => () => download(name, new Blob([text()], { type }));
    return bar(about, [
      h("button", { type: "button", id: "paste", onclick: () => this.draft() }, "New text"),
      h("button", { type: "button", id: "files", className: "primary", onclick: () => files.click() }, "Open files"),
      h("button", { type: "button", id: "folder", onclick: () => folder.click() }, "Open folder"),
      menu("baseline", "Baseline", [
        ["Load a baseline…", () => baseline.click()],
        ["Mark all shown as known", () => this.markAll()],
        ["Save the baseline", save("keysieve.baseline", "text/plain", () => this.model.baseline.toString())],
      ]),
      menu("export", "Export", [
        ["Copy a summary for a review", () => this.copy(report.summary(this.model), "The summary is copied.")],
        ["SARIF", save("keysieve.sarif", "application/sarif+json", () => report.sarif(this.model, engine().version))],
        ["JSON", save("keysieve.json", "application/json", () => report.json(this.model))],
        ["CSV", save("keysieve.csv", "text/csv", () => report.csv(this.model))],
      ]),
      menu("redact", "Redact", [
        ["Download this file without its secrets", () => this.redact(false)],
        ["Download all files without their secrets (zip)", () => this.redact(true)],
        ["Copy this text without its secrets", () => this.copyRedacted()],
      ]),
      h("button", { type: "button", id: "clear", onclick: () => this.reset() }, "Clear"),
      files,
      folder,
      baseline,
    ]);
  }

  #listen(root: HTMLElement): void {
    dialogs(root);
    window.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dragging");
    });
    window.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("dragging");
    });
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dragging");
      if (event.dataTransfer) void dropped(event.dataTransfer).then((files) => this.open(files));
    });
    window.addEventListener("paste", (event) => {
      if ((event.target as Element).closest("input, .cm-content[contenteditable=true]")) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const text = event.clipboardData?.getData("text/plain");
      if (files.length > 0) this.open(files.map((file) => ({ path: file.name, content: file })));
      else if (text) this.pasted(text);
    });
    window.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event: KeyboardEvent): void {
    const typing = (event.target as Element).closest("input, select, .cm-content[contenteditable=true], dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = this.model.selected;
    const keys: Record<string, () => void> = {
      j: () => this.list.step(1),
      k: () => this.list.step(-1),
      m: () => row && this.mark(row, !row.known),
      r: () => this.detail.querySelector<HTMLElement>("#reveal")?.click(),
      "/": () => this.list.search.focus(),
      "?": () => document.querySelector<HTMLDialogElement>("#help")?.showModal(),
      Escape: () => this.pick(undefined),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  say(text: string): void {
    this.status.textContent = text;
  }

  /** What is there before anything is opened. */
  welcome(): void {
    this.#leave();
    const press = (id: string) => () => document.querySelector<HTMLElement>(`#${id}`)!.click();
    const ways = { files: press("files"), folder: press("folder"), draft: () => this.draft(), example: () => this.draft(example()) };
    clear(this.view, welcome(this.model.rules.size, ways));
  }

  reset(): void {
    this.pool.stop();
    this.model.clear();
    this.#pending = 0;
    this.welcome();
    this.draw();
    drawDetail(this.detail, this.model, undefined, this.#actions);
    this.main.classList.remove("picked");
    this.say("Cleared.");
  }

  /** A text to type or paste into. */
  draft(text = ""): void {
    const old = this.model.entries.find((entry) => entry.draft);
    const entry = old ?? this.model.add(DRAFT, new Blob([text]), { draft: true, state: "done" });
    if (text) entry.content = new Blob([text]);
    void this.show(entry);
  }

  pasted(text: string): void {
    if (isDiff(text)) this.open([{ path: "pasted.diff", content: new Blob([text]) }]);
    else this.draft(text);
  }

  /** Takes files in and has them scanned. */
  open(files: Incoming[]): void {
    for (const { path, content, problem } of files) {
      if (problem) this.model.add(path, content, { state: "unread", problem });
      else if (isArchive(path)) this.#unpack(path, content);
      else void this.#enter(path, content);
    }
    this.#later();
  }

  async #enter(path: string, content: Blob): Promise<void> {
    this.#pending++;
    try {
      if (await this.#enterDiff(path, content)) return;
      const entry = this.model.add(path, content);
      this.#scan(entry);
      this.#showFirst(entry);
    } finally {
      this.#pending--;
      this.#later();
    }
  }

  async #enterDiff(path: string, content: Blob): Promise<boolean> {
    const named = /\.(diff|patch)$/i.test(path);
    if (content.size > MOST_DIFF || (!named && path !== "dropped.txt")) return false;
    const text = await content.text();
    if (!isDiff(text)) return false;
    for (const patch of parseDiff(text)) {
      const problem = patch.problems[0];
      const entry = this.model.add(patch.path, content, { patch, ...(problem && { problem }) });
      this.#scan(entry);
      this.#showFirst(entry);
    }
    return true;
  }

  #showFirst(entry: Entry): void {
    if (!this.model.entry) void this.show(entry);
  }

  #unpack(path: string, content: Blob): void {
    this.#pending++;
    const answer = (told: Answer) => {
      if (told.kind === "file") void this.#enter(`${path}/${told.path}`, told.content);
      if (told.kind === "failed") this.model.add(path, content, { state: "unread", problem: told.message });
    };
    void this.pool.run({ kind: "unpack", path, content }, answer).then(() => {
      this.#pending--;
      this.#later();
    });
  }

  #scan(entry: Entry): void {
    const least = this.model.filter.confidence === "weak" ? "weak" : "likely";
    Object.assign(entry, { state: "scanning", findings: [], controls: [], assessed: false, read: 0 });
    const answer = (told: Answer) => {
      if (told.kind === "findings") entry.findings = entry.findings.concat(told.findings);
      if (told.kind === "controls") {
        Object.assign(entry, { controls: entry.controls.concat(told.controls), assessed: true });
        this.#markControls(entry);
      }
      if (told.kind === "read") entry.read = told.bytes;
      if (told.kind === "failed") Object.assign(entry, { state: "unread", problem: told.message });
      this.#later();
    };
    const { patch, content } = entry;
    const job = patch ? ({ kind: "patch", patch, least } as const) : ({ kind: "scan", path: entry.path, content, least } as const);
    void this.pool.run(job, answer).then(() => {
      if (entry.state === "scanning") entry.state = entry.problem ? "unread" : "done";
      this.#later();
    });
  }

  filtered(again: boolean): void {
    if (again) {
      for (const entry of this.model.entries) {
        if (!entry.draft && entry.state === "done") this.#scan(entry);
      }
    }
    this.#editor?.refilter();
    if (this.model.entry) this.#markControls(this.model.entry);
    if (this.model.entry?.patch) void this.show(this.model.entry);
    this.draw();
  }

  /** Draws soon, and not for every answer of every worker. */
  #later(): void {
    this.#drawing ||= window.setTimeout(() => {
      this.#drawing = 0;
      this.draw();
    }, 60);
  }

  draw(): void {
    this.list.draw();
    const { entries } = this.model;
    const busy = !this.pool.idle || this.#pending > 0;
    this.main.classList.toggle("idle", entries.length === 0);
    const total = entries.reduce((sum, entry) => sum + (entry.draft || entry.patch ? 0 : entry.content.size), 0);
    const read = entries.reduce((sum, entry) => sum + entry.read, 0);
    this.progress.hidden = !busy;
    this.progress.max = Math.max(1, total);
    this.progress.value = read;
    if (busy) this.say(`Scanning: ${size(read)} of ${size(total)}, ${plural(entries.length, "file")}`);
    else if (entries.length > 0) this.#sum();
    this.#unreadNote();
  }

  #sum(): void {
    const { all, known } = this.model.counts();
    const unread = this.model.unread().length;
    const bytes = this.model.entries.reduce((sum, entry) => sum + entry.read, 0);
    const parts = [
      `${plural(all - known, "finding")} in ${plural(this.model.entries.length, "file")}`,
      bytes > 0 && size(bytes),
      known > 0 && `${known} known`,
      unread > 0 && `${unread} not read or not whole`,
    ];
    this.say(`${parts.filter(Boolean).join(", ")}.`);
  }

  /** What could not be read is said, and not only counted. */
  #unreadNote(): void {
    const unread = this.model.unread();
    this.list.element.querySelector(".unread")?.remove();
    if (unread.length === 0) return;
    const items = unread.slice(0, 100).map((entry) => h("li", {}, `${entry.path}: ${entry.problem}`));
    this.list.element.append(h("details", { className: "unread", open: unread.length < 4 }, h("summary", {}, `${plural(unread.length, "file")} not read or not whole`), h("ul", {}, ...items)));
  }

  #leave(): void {
    this.#editor?.destroy();
    this.#editor = this.#diff = undefined;
  }

  /** Shows a file; the promise ends when it is there. */
  async show(entry: Entry, finding?: Told): Promise<void> {
    this.model.entry = entry;
    if (entry.patch) return this.#showDiff(entry);
    const shown = await textOf(entry.content, finding);
    if (this.model.entry !== entry) return;
    this.#leave();
    const parent = h("div", { className: "editor" });
    clear(this.view, this.#pathBar(entry), shown.part && h("p", { className: "warning" }, shown.part), parent);
    this.#editor = new Editor({
      parent,
      shown,
      scanner: this.scanner,
      label: entry.draft ? "Text to scan" : `The text of ${entry.path}`,
      editable: entry.draft ?? false,
      filter: (one) => this.model.passes(entry, one),
      onPick: (one) => this.#picked(entry, one),
      onChange: entry.draft ? (text, findings) => this.#edited(entry, text, findings) : undefined,
    });
    if (entry.draft) this.#editor.view.focus();
    this.#markControls(entry);
  }

  /** The missing controls of the file that is shown, in its text. */
  #markControls(entry: Entry): void {
    if (this.model.entry === entry) this.#editor?.setControls(entry.controls.filter((one) => this.model.passes(entry, one)));
  }

  /** Looks through a draft for missing controls. */
  #reviewDraft(entry: Entry, text: string): void {
    clearTimeout(this.#reviewing);
    this.#reviewing = window.setTimeout(() => {
      if (!this.model.entries.includes(entry)) return;
      const { controls, assessed } = this.scanner.review(text, entry.readAs ?? entry.path);
      Object.assign(entry, { controls, assessed });
      this.#markControls(entry);
      this.draw();
    }, PAUSE);
  }

  #edited(entry: Entry, text: string, findings: readonly Any[]): void {
    entry.content = new Blob([text]);
    entry.read = entry.content.size;
    entry.findings = [...findings];
    this.#reviewDraft(entry, text);
    this.draw();
  }

  #showDiff(entry: Entry): void {
    this.#leave();
    const toggle = h("input", { type: "checkbox", id: "added-only", checked: this.#addedOnly });
    toggle.addEventListener("change", () => {
      this.#addedOnly = toggle.checked;
      this.#showDiff(entry);
    });
    this.#diff = diffView(entry.patch!, {
      scanner: this.scanner,
      addedOnly: this.#addedOnly,
      title: (rule) => this.model.title(rule),
      passes: (finding) => this.model.passes(entry, finding),
      onPick: (finding, line) => this.#picked(entry, { ...finding, line }),
    });
    clear(this.view, this.#pathBar(entry, h("label", { className: "chip" }, toggle, "added lines only")), this.#diff);
  }

  #pathBar(entry: Entry, more?: HTMLElement): HTMLElement {
    const others = this.model.entries.filter((one) => one.state !== "unread" || one.patch).slice(0, 2000);
    const choose = h(
      "select",
      { id: "file", "aria-label": "File", onchange: () => void this.show(others[choose.selectedIndex]!) },
      ...others.map((one) => h("option", { selected: one === entry }, one.path)),
    );
    const language = h(
      "select",
      { id: "language", "aria-label": "Language", title: "Missing controls are looked for in code", onchange: () => void this.#readAs(entry, DRAFTS[language.selectedIndex]![0]) },
      ...DRAFTS.map(([name, words]) => h("option", { selected: name === entry.readAs }, words)),
    );
    return h("div", { className: "pathbar" }, choose, entry.draft && language, entry.patch?.oldPath && h("span", { className: "hint" }, `was ${entry.patch.oldPath}`), more);
  }

  async #readAs(entry: Entry, name: string): Promise<void> {
    entry.readAs = name;
    this.#reviewDraft(entry, await entry.content.text());
  }

  /** A finding was met in the text. */
  #picked(entry: Entry, finding: Told): void {
    if (isControl(finding)) return this.#select({ entry, finding, known: this.model.baseline.has(finding) });
    const same = entry.findings.find((one) => one.fingerprint === finding.fingerprint && one.line === finding.line);
    const found = same ?? entry.findings.find((one) => one.fingerprint === finding.fingerprint);
    // What the list has chosen is explained already, and may have been revealed.
    if (found && found !== this.model.selected?.finding) this.#select({ entry, finding: found, known: this.model.baseline.has(found) });
  }

  #select(row: Row | undefined): void {
    this.model.selected = row;
    this.main.classList.toggle("picked", row !== undefined);
    drawDetail(this.detail, this.model, row, this.#actions);
    this.list.draw();
  }

  /** A finding was chosen in the list. */
  async pick(row: Row | undefined): Promise<void> {
    this.#select(row);
    if (!row) return;
    const { entry, finding } = row;
    const partly = entry.content.size > 4 << 20;
    if (this.model.entry !== entry || partly) await this.show(entry, finding);
    // The editor has its findings a moment after its text.
    await new Promise((done) => setTimeout(done));
    this.#editor?.goTo(finding);
    if (this.#diff) showLine(this.#diff, finding.line);
  }

  reveal(finding: Any, shown: boolean): void {
    this.#editor?.reveal(finding, shown);
    const secrets = this.#diff?.querySelectorAll<HTMLElement>(`[data-fingerprint="${finding.fingerprint}"]`) ?? [];
    for (const secret of secrets) {
      if ((secret.getAttribute("aria-pressed") === "true") !== shown) secret.click();
    }
  }

  mark(row: Row, known: boolean): void {
    const { entry, finding } = row;
    if (known) this.model.baseline.add(finding, entry.path);
    else this.model.baseline.remove(finding);
    this.#select({ ...row, known });
    this.#editor?.refilter();
    this.draw();
  }

  markAll(): void {
    const rows = this.model.rows().filter((row) => !row.known);
    for (const { entry, finding } of rows) this.model.baseline.add(finding, entry.path);
    this.#editor?.refilter();
    this.draw();
    this.say(`${plural(rows.length, "finding")} marked as known.`);
  }

  async loadBaseline(file: File): Promise<void> {
    try {
      this.model.baseline = new Baseline(await file.text());
      this.#editor?.refilter();
      this.draw();
      this.say(`The baseline knows ${plural(this.model.baseline.size, "secret")}.`);
    } catch (error) {
      this.say(`${file.name} is no baseline: ${(error as Error).message}`);
    }
  }

  async copy(text: string, done: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.say(done);
    } catch {
      this.say("The browser did not allow copying.");
    }
  }

  async redact(all: boolean): Promise<void> {
    const entries = all ? this.model.entries.filter((entry) => entry.state === "done" && !entry.patch) : [this.model.entry];
    const first = entries[0];
    if (!first || first.patch) return this.say("There is no file to redact; a diff is not one.");
    try {
      const count = await (all ? redactAll(this.pool, entries as Entry[]) : redactOne(this.pool, first));
      this.say(`${plural(count, "secret")} taken out.`);
    } catch (error) {
      this.say(`Not redacted: ${(error as Error).message}`);
    }
  }

  async copyRedacted(): Promise<void> {
    const entry = this.model.entry;
    if (!entry || entry.patch) return this.say("There is no text to copy.");
    const { text, part } = await textOf(entry.content);
    if (part) return this.say("The file is too large to be copied: download it instead.");
    await this.copy(new Scanner().redact(text), "The redacted text is copied.");
  }
}

async function start(): Promise<void> {
  const root = document.querySelector<HTMLElement>("#app")!;
  try {
    await loadControls();
    Object.assign(window, { keysieve: new App(root) });
  } catch (error) {
    clear(root, h("p", { className: "warning" }, `keysieve does not run in this browser: ${(error as Error).message}`));
  }
  if ("serviceWorker" in navigator && import.meta.env.PROD) {
    await navigator.serviceWorker.register("./sw.js").catch(() => undefined);
  }
}

void start();
