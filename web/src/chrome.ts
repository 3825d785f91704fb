/** The bar at the top, its menus, the theme and the help. */
import { h } from "./dom";

/** A menu that is a list of buttons behind a button; Escape closes it. */
export function menu(id: string, label: string, items: [string, () => void][]): HTMLElement {
  const details = h("details", { className: "menu", id });
  const act = (action: () => void) => () => {
    details.open = false;
    action();
  };
  details.append(
    h("summary", {}, label),
    h("div", { className: "items" }, ...items.map(([words, action]) => h("button", { type: "button", onclick: act(action) }, words))),
  );
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    details.querySelector("summary")!.focus();
    event.stopPropagation();
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget as Node)) details.open = false;
  });
  addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target as Node)) details.open = false;
  });
  return details;
}

/** Dark or light: as the system says until it is pressed. */
function theme(): HTMLElement {
  const dark = () => document.documentElement.dataset["theme"] ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const button = h("button", { type: "button", id: "theme", className: "round", title: "Dark or light", "aria-label": "Dark or light" }, "◐");
  button.addEventListener("click", () => {
    document.documentElement.dataset["theme"] = dark() === "dark" ? "light" : "dark";
  });
  return button;
}

export function bar(about: string, actions: HTMLElement[]): HTMLElement {
  const help = h("button", { type: "button", id: "show-help", className: "round", title: "Keys and what stays here", "aria-label": "Help" }, "?");
  help.addEventListener("click", () => document.querySelector<HTMLDialogElement>("#help")!.showModal());
  return h("header", {}, h("h1", { className: "brand", title: about }, h("img", { src: "./icon.svg", alt: "", width: 26, height: 26 }), "keysieve", h("small", {}, "review")), h("nav", { "aria-label": "Actions" }, ...actions), theme(), help);
}

const KEYS: [string, string][] = [
  ["j, k", "next and previous finding"],
  ["F8, Shift F8", "the same in the text"],
  ["r", "show the secret, or hide it again"],
  ["m", "mark as known, or not"],
  ["/", "filter by rule"],
  ["Ctrl F", "search in the text"],
  ["Esc", "close the explanation"],
];

export function dialogs(root: HTMLElement): void {
  const help = h(
    "dialog",
    { id: "help", "aria-label": "Help" },
    h("h2", {}, "Keys"),
    h("dl", {}, ...KEYS.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, words)])),
    h("h2", {}, "What stays here"),
    h("p", {}, "Everything. Files are read by workers of this page and kept by nobody. The policy of the page forbids every request, and nothing is remembered when it is closed: save the baseline to keep it."),
    h("p", {}, "Diffs are scanned as their files are afterwards; what stands in added lines is told."),
    h("button", { type: "button", className: "primary", onclick: () => help.close() }, "Close"),
  );
  root.append(help, h("div", { className: "drop", "aria-hidden": "true" }, "Drop to scan"));
}
