// Uses the extension in the workbench as a person does, and keeps a picture of
// each thing that it looks at.
// `node drive.js WORKBENCH EXTENSION PICTURES`
import assert from "node:assert/strict";
import { readdirSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";
import { token } from "../token.mjs";

const [built, extension, pictures] = process.argv.slice(2);
const PATIENCE = 60_000;
const KINDS = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm",
};

/** What is in the package, by its paths. */
const packaged = ["package.json", "icon.svg", "README.md"].concat(
  ...["out", "walkthrough"].map((folder) => readdirSync(join(extension, folder)).map((name) => `${folder}/${name}`)),
);

const server = createServer(async (request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
  const inside = path.startsWith("/extension/");
  const file = inside ? join(extension, path.slice("/extension".length)) : join(built, path === "/" ? "index.html" : path);
  try {
    const body = await readFile(file);
    response.writeHead(200, { "content-type": KINDS[extname(file)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const home = `http://127.0.0.1:${server.address().port}`;

const executablePath = process.env.CHROMIUM;
if (!executablePath) throw new Error("CHROMIUM names no browser; start it with `cargo xtask vscode`");
const flags = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync";
const browser = await chromium.launch({ executablePath, headless: true, args: flags.split(" ") });
mkdirSync(pictures, { recursive: true });

const secret = token();
const body = secret.slice(-20);
const workspace = {
  "app.ts": `// ü𝄞\nconst first = 1;\nconst githubToken = '${secret}';\nexport { first, githubToken };\n`,
  "deploy.py": "import sys\n\nkey = ''\n",
  "closed.env": `TOKEN=${secret}\n`,
  "README.md": "nothing of the kind\n",
};
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "en-US" });
const page = await context.newPage();
page.setDefaultTimeout(PATIENCE);
const abroad = [];
const said = [];
page.on("request", (request) => {
  const url = request.url();
  if (/^(https?|wss?):/.test(url) && !url.startsWith(home)) abroad.push(new URL(url).origin);
});
page.on("console", (message) => said.push(message.text()));
page.on("pageerror", (error) => said.push(`error: ${error.message}`));
await page.addInitScript(
  ([files, paths]) => Object.assign(window, { WORKSPACE: files, EXTENSION: paths }),
  [workspace, packaged],
);

let passed = 0;
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
async function step(name, act) {
  try {
    await act();
    passed += 1;
    await picture(name);
  } catch (error) {
    await picture(`${name}-failed`);
    console.log(said.slice(-30).join("\n").replaceAll(body, "…"));
    console.log(`${name}: ${String(error.stack ?? error).replaceAll(body, "…")}`);
    console.log(`test result: FAILED. ${passed} passed; 1 failed; 0 ignored (the workbench)`);
    await browser.close();
    process.exit(1);
  }
}

const status = () => page.locator(".statusbar-item", { has: page.locator(".codicon-shield") });
const counts = (number) => page.waitForFunction(
  (wanted) => [...document.querySelectorAll(".statusbar-item")]
    .some((item) => item.querySelector(".codicon-shield") && item.textContent.trim() === wanted),
  String(number),
);
/** The text of a part of the page, which must not hold the secret. */
async function told(locator) {
  const text = await locator.innerText();
  assert.ok(!text.includes(body), "the secret is shown");
  return text;
}
async function palette(text) {
  const input = page.locator(".quick-input-widget input[type=text]").first();
  // What has the focus may take the first key for itself.
  for (let tries = 0; tries < 20 && !(await input.isVisible()); tries += 1) {
    await page.keyboard.press("F1");
    await input.waitFor({ timeout: 3000 }).catch(() => page.keyboard.press("Escape"));
  }
  await input.fill(`>${text}`);
  return page.locator(".quick-input-list");
}
async function command(title) {
  const list = await palette(title);
  await list.locator(".monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}
const open = async (name) => {
  await command("View: Show Explorer");
  await page.locator(".explorer-folders-view .monaco-list-row", { has: page.getByText(name, { exact: true }) }).first().dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
};

await step("01-started", async () => {
  await page.goto(`${home}/`);
  await page.waitForFunction(() => window.ready === true);
  // Two files hold one, and nobody has opened them.
  await counts(2);
});

await step("02-underlined", async () => {
  await open("app.ts");
  await page.locator(".squiggly-error").first().waitFor();
  await counts(2);
  assert.match(await status().locator("a").getAttribute("aria-label"), /keysieve: 2 credentials/);
});

await step("03-hover", async () => {
  await page.locator(".squiggly-error").first().hover({ force: true });
  const hover = page.locator(".monaco-hover:visible", { hasText: "Revoke" }).first();
  await hover.waitFor();
  const text = await told(hover);
  for (const part of ["GitHub personal access token (classic)", "certain", "Lifetime", "Revoke", "nobody was asked"]) {
    assert.ok(text.includes(part), `${part} is not in the hover`);
  }
});

/** Puts the cursor onto the first underline and opens what can be done. */
async function fixes() {
  const list = page.locator(".action-widget").first();
  const first = list.locator(".monaco-list-row.action").first();
  // Right after an edit there are none for a moment.
  for (let tries = 0; tries < 20 && !(await first.isVisible()); tries += 1) {
    await page.keyboard.press("Escape");
    await page.locator(".view-line", { hasText: "githubToken =" }).click({ position: { x: 260, y: 8 } });
    await page.keyboard.press("Control+.");
    await first.waitFor({ timeout: 3000 }).catch(() => {});
  }
  return list;
}
/** Does one of them, with the keyboard. */
async function choose(part) {
  const rows = await page.locator(".action-widget .monaco-list-row.action").allInnerTexts();
  const at = rows.findIndex((text) => text.includes(part));
  assert.ok(at >= 0, `${part} is not among the quick fixes`);
  for (let n = 0; n < at; n += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
}
const line = (part) => page.locator(".view-line", { hasText: part }).first();

await step("04-quick-fixes", async () => {
  const text = await told(await fixes());
  for (const part of ["Mask it here", "Allow github-pat-classic here: revoked"]) {
    assert.ok(text.includes(part), `${part} is not among the quick fixes`);
  }
});

await step("05-allowed", async () => {
  await choose("here: revoked");
  await line("keysieve:allow").waitFor();
  await counts(1);
});

await step("06-masked", async () => {
  await page.keyboard.press("Control+z");
  await counts(2);
  await fixes();
  await choose("Mask it here");
  await line("REDACTED").waitFor();
  await counts(1);
  await page.keyboard.press("Control+z");
  await counts(2);
});

await step("07-typed", async () => {
  await open("deploy.py");
  await line("key =").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type(secret);
  await counts(3);
  await page.locator(".squiggly-error").first().waitFor();
});

await step("08-allowed-with-a-reason", async () => {
  await page.keyboard.press("ArrowLeft");
  await command("Allow the Credential Here, with a Reason");
  const input = page.locator(".quick-input-widget input[type=text]").first();
  await input.waitFor();
  await input.fill("the vendor prints it");
  await page.keyboard.press("Enter");
  await line("keysieve:allow github-pat-classic -- the vendor prints it").waitFor();
  await counts(2);
  await page.keyboard.press("Control+z");
  await counts(3);
});

await step("09-tree", async () => {
  await command("keysieve: Scan the Workspace");
  await page.locator(".notification-toast", { hasText: "4 files were scanned" }).waitFor();
  await counts(3);
  await status().click();
  const tree = page.locator(".pane-body .monaco-list", { hasText: "closed.env" }).first();
  await tree.waitFor();
  // What stands below the files is drawn after them.
  await tree.locator(".monaco-list-row", { hasText: "3: GitHub" }).nth(1).waitFor();
  const text = await told(tree);
  for (const part of ["app.ts", "deploy.py", "closed.env", "3: GitHub personal access token"]) {
    assert.ok(text.includes(part), `${part} is not in the tree`);
  }
});

await step("10-from-the-tree-to-the-place", async () => {
  const rows = page.locator(".pane-body .monaco-list-row");
  const at = (await rows.allInnerTexts()).findIndex((text) => text.includes("closed.env"));
  await rows.nth(at + 1).click();
  await page.locator(".tab.active", { hasText: "closed.env" }).waitFor();
});

await step("11-problems", async () => {
  await page.keyboard.press("Control+Shift+M");
  const problems = page.locator(".markers-panel-container .monaco-list");
  await problems.locator(".monaco-list-row", { hasText: "GitHub personal access token" }).first().waitFor();
  assert.match(await told(problems), /keysieve/);
});

await step("12-moved-to-the-environment", async () => {
  await open("app.ts");
  await fixes();
  await choose("Replace by process.env.GITHUB_TOKEN and keep it in .env");
  await line("const githubToken = process.env.GITHUB_TOKEN;").waitFor();
  // The value is in `.env` now, which git is told to leave out.
  await open(".env");
  await line("GITHUB_TOKEN=").waitFor();
  // No alarm there, only a hint.
  await page.locator(".squiggly-hint").first().waitFor();
  await open(".gitignore");
  await line(".env").waitFor();
});

await step("13-settings", async () => {
  await command("Preferences: Open Settings (UI)");
  await page.locator(".settings-editor").waitFor();
  await page.keyboard.type("@ext:keysieve.keysieve");
  const settings = page.locator(".settings-tree-container");
  await settings.locator(".setting-item", { hasText: "Tell of credentials." }).first().waitFor();
  const text = await told(settings);
  assert.match(text, /A configuration file instead of the folder/);
});

await step("14-commands-and-walkthrough", async () => {
  await command("keysieve: Show Findings");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  const list = await palette("keysieve:");
  await list.locator(".monaco-list-row", { hasText: "Scan the Workspace" }).first().waitFor();
  const text = await told(list);
  assert.ok(text.includes("with a Reason") && text.includes("Show Findings"));
  // What is staged needs the program.
  assert.ok(!text.includes("Review Changes"));
  // This workbench shows no walkthroughs of extensions, so ours is only read:
  // what it shows is in the package, what it starts is there.
  const { contributes } = JSON.parse(await readFile(join(extension, "package.json"), "utf8"));
  const [{ steps }] = contributes.walkthroughs;
  assert.equal(steps.length, 4);
  const known = contributes.commands.map((one) => one.command);
  for (const { media, description } of steps) {
    assert.ok(packaged.includes(media.markdown), `${media.markdown} is not in the package`);
    for (const [, started] of description.matchAll(/\(command:([^)]+)\)/g)) assert.ok(known.includes(started), started);
  }
});

await step("15-nothing-goes-out", async () => {
  assert.deepEqual([...new Set(abroad)], []);
  assert.ok(!said.some((text) => text.includes(body)), "the secret is in a log");
});

console.log(`test result: ok. ${passed} passed; 0 failed; 0 ignored (the workbench)`);
await browser.close();
server.close();
process.exit(0);
