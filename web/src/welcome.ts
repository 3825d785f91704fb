/** What is there before anything is opened: what can be done, and an example. */
import { h } from "./dom";

/** What a reviewer can do from here. */
export interface Ways {
  files(): void;
  folder(): void;
  draft(): void;
  example(): void;
}

const FACTS: [string, string][] = [
  ["Nothing leaves this page", "No server, no account. Its policy forbids every request, and it works without a network."],
  ["Says what, how sure and why", "Checksums and structures are proved here; with each finding stand its lifetime and the page where it is revoked. Of code it tells which auth controls are missing."],
  ["Made for large things", "Workers read piece by piece: gigabytes of logs, whole folders, archives, or a diff with its added lines."],
];

export function welcome(rules: number, ways: Ways): HTMLElement {
  const button = (words: string, act: () => void, more: Record<string, unknown> = {}) => h("button", { type: "button", onclick: act, ...more }, words);
  return h(
    "div",
    { className: "welcome" },
    h(
      "div",
      { className: "target" },
      h("img", { src: "./icon.svg", alt: "", width: 56, height: 56 }),
      h("h2", {}, "Find credentials before others do"),
      h("p", {}, "Drop files, folders, a .zip or .tar.gz, a diff or a patch anywhere on this page, or paste a text."),
      h("div", { className: "ways" }, button("Open files", ways.files, { className: "primary" }), button("Open a folder", ways.folder), button("Paste a text", ways.draft), button("Look at an example", ways.example, { id: "example" })),
      h("p", { className: "hint" }, `${rules.toLocaleString("en")} rules. Secrets stay hidden until they are pressed. `, h("kbd", {}, "?"), " shows the keys."),
    ),
    h("ul", { className: "facts" }, ...FACTS.map(([title, text]) => h("li", {}, h("h3", {}, title), h("p", {}, text)))),
  );
}

/** Characters by chance. */
function chance(length: number, of: string): string {
  return [...crypto.getRandomValues(new Uint32Array(length))].map((n) => of[n % of.length]).join("");
}

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MIXED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A text with made-up credentials, others each time: they open nothing. */
export function example(): string {
  const line = () => chance(64, MIXED);
  const key = ["PRIVATE", "KEY"].join(" ");
  return [
    "# An example: everything secret here is made up and opens nothing.",
    "services:",
    "  web:",
    "    environment:",
    `      DATABASE_URL: ${["postgres:/", `/app:${chance(18, MIXED)}`, "@db:5432/app"].join("")}`,
    `      AWS_ACCESS_KEY_ID: ${["AK", "IA"].join("")}${chance(16, UPPER)}`,
    `      AWS_SECRET_ACCESS_KEY: ${chance(40, MIXED)}`,
    "      LOG_LEVEL: info",
    `      SLACK_WEBHOOK: ${["https://hooks.slack", "com/services"].join(".")}/T${chance(9, UPPER)}/B${chance(9, UPPER)}/${chance(24, MIXED)}`,
    "",
    `    # deploy.pem`,
    `    -----BEGIN ${key}-----`,
    ...Array.from({ length: 6 }, () => `    ${line()}`),
    `    -----END ${key}-----`,
    "",
    "  mail:",
    `    password: "${chance(20, MIXED)}"`,
    "    port: 587",
    "",
  ].join("\n");
}
