// The review page in Chromium, used as a person uses it: by clicks and keys.
// `node page.js DIST PACKAGE WORK`; SCREENSHOTS names a folder for pictures.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { unzipSync, zipSync } from "fflate";
import { launch, serve } from "./chromium.js";
import { token } from "./promises.js";

const [dist, folder, work] = process.argv.slice(2).map((path) => resolve(path));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const api = await import(pathToFileURL(join(folder, "index.js")));
await api.load();

const secret = token();
const url = (hidden) => ["postgres:/", `/app:${hidden}`, "@db:5432/app"].join("");
const hidden = "k9Xw2 mQz7Lp".replace(" ", "");
const CONFIG = `# config\nGITHUB=${secret}\nDB=${url(hidden)}\nplain = 1\n`;
const DIFF = `diff --git a/src/deploy.py b/src/deploy.py
--- a/src/deploy.py
+++ b/src/deploy.py
@@ -1,4 +1,5 @@
 import os
-DB = "${url("Zq8Rt4" + "vB2nKs")}"
+DB = os.environ["DB"]
+TOKEN = "${secret}"
 OLD = "${url(hidden)}"
 print(DB)
diff --git a/README.md b/README.md
--- a/README.md
+++ b/README.md
@@ -1 +1,2 @@
 # app
+Deploys itself.
`;

rmSync(work, { recursive: true, force: true });
mkdirSync(join(work, "tree/deep"), { recursive: true });
writeFileSync(join(work, "tree/deep/a.env"), CONFIG);
writeFileSync(join(work, "tree/clean.txt"), "nothing here\n");
const encode = (text) => new TextEncoder().encode(text);
writeFileSync(join(work, "some.zip"), zipSync({ "in/b.env": encode(CONFIG), "in/ok.txt": encode("fine\n") }));
execFileSync("tar", ["-czf", join(work, "some.tar.gz"), "-C", work, "tree"]);
writeFileSync(join(work, "broken.zip"), readFileSync(join(work, "some.zip")).subarray(0, 60));
writeFileSync(join(work, "change.diff"), DIFF);
writeFileSync(join(work, "wide.txt"), Buffer.from(`\ufeff${CONFIG}`, "utf16le"));

const paths = new Set();
const server = await serve((path) => {
  paths.add(path);
  return join(dist, path === "/" ? "index.html" : path);
}, "");
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
const requests = [];
context.on("request", (request) => requests.push(request));
const page = await context.newPage();
const complaints = [];
page.on("pageerror", (error) => complaints.push(error.message));
page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));

/** The page as it is when it is opened. */
async function fresh() {
  await page.goto(server.url);
  await page.waitForSelector("#findings");
}

async function shot(name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
}

/** All work is done, and so many findings are listed. */
async function listed(count) {
  await page.waitForFunction(
    (count) => document.querySelectorAll(".row").length === count && document.querySelector("footer progress").hidden,
    count,
    { timeout: 60_000 },
  );
}

async function type(text) {
  await page.click("#paste");
  await page.click(".cm-content");
  await page.keyboard.insertText(text);
}

const open = (...names) => page.setInputFiles("#open-files", names.map((name) => join(work, name)));
/** Files and folders of the computer, dropped as the browser hands them over. */
async function dropped(...names) {
  const session = await context.newCDPSession(page);
  const data = { items: [], files: names.map((name) => join(work, name)), dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    await session.send("Input.dispatchDragEvent", { type, x: 640, y: 400, data });
    if (type === "dragOver") await shot("dropping");
  }
  await session.detach();
}
const seen = () => page.evaluate(() => document.body.innerText);
const said = (text) => page.waitForFunction((text) => document.querySelector("#status").textContent.includes(text), text);
const status = () => page.textContent("#status");

async function choose(menu, item) {
  await page.click(`#${menu} summary`);
  await page.click(`#${menu} .items button:has-text("${item}")`);
}

async function downloaded(menu, item) {
  const [download] = await Promise.all([page.waitForEvent("download"), choose(menu, item)]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

async function accessible(state) {
  await page.evaluate(axe);
  // A colour on its way to another is nobody's colour.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map((running) => running.finished)));
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(told, [], `accessibility of ${state}`);
}

const TESTS = {
  async "a pasted text: marked, masked, shown on a press and hidden again"() {
    await fresh();
    await shot("welcome");
    await type(CONFIG);
    await listed(2);
    assert.ok(!(await seen()).includes(secret) && !(await seen()).includes(hidden));
    assert.equal(await page.locator(".cm-keysieve-gutter .cm-keysieve-dot:visible").count(), 2);
    assert.equal(await page.locator(".cm-keysieve-minimap span").count(), 2);
    await page.click(".cm-keysieve-mask >> nth=0");
    assert.ok((await page.innerText(".cm-content")).includes(secret));
    await page.click(".cm-keysieve-secret >> nth=0");
    assert.ok(!(await seen()).includes(secret));
    await shot("text");
    // Typing goes on to be scanned.
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText(`\nagain = ${secret}\n`);
    await listed(3);
  },
  async "a finding is explained, with its remedy, and shown from there"() {
    await fresh();
    await type(CONFIG);
    await listed(2);
    await page.click(".row >> nth=0");
    const told = await page.innerText("#detail");
    for (const part of ["GitHub personal access token (classic)", "DO FIRST", "its checksum is right", "never expires", "github-pat-classic", "line 2, column 8"]) {
      assert.ok(told.toLowerCase().includes(part.toLowerCase()), part);
    }
    assert.equal(await page.getAttribute("#detail a >> nth=0", "href"), "https://github.com/settings/tokens");
    await page.click("#reveal");
    assert.ok((await page.innerText(".cm-content")).includes(secret));
    await shot("explained");
    await page.click("#reveal");
    assert.ok(!(await seen()).includes(secret));
    await page.click("#detail .close");
    assert.ok(!(await page.isVisible("#detail h2")));
  },
  async "the list filters by severity, rule, file, confidence and lifetime"() {
    await fresh();
    await page.setInputFiles("#open-folder", join(work, "tree"));
    await open("wide.txt");
    await listed(4);
    await page.fill("#filter-rule", "postgres");
    await listed(2);
    await page.fill("#filter-rule", "");
    await page.fill("#filter-file", "deep/a");
    await listed(2);
    await page.fill("#filter-file", "");
    await page.selectOption("#filter-confidence", "certain");
    await listed(2);
    await page.selectOption("#filter-confidence", "weak");
    await page.selectOption("#filter-lifetime", "expired");
    await listed(0);
    await page.selectOption("#filter-lifetime", "static");
    await page.waitForFunction(() => document.querySelectorAll(".row").length >= 4);
    await page.uncheck("input[name=critical]");
    await page.waitForFunction(() => !document.querySelector(".row.critical"));
  },
  async "a zip, a tar.gz and a file in UTF-16; a damaged archive is told"() {
    await fresh();
    await open("some.zip", "some.tar.gz", "wide.txt", "broken.zip");
    await listed(6);
    const text = await seen();
    for (const path of ["some.zip/in/b.env", "some.tar.gz/tree/deep/a.env", "wide.txt"]) assert.ok(text.includes(path), path);
    assert.match(await page.innerText(".unread"), /broken\.zip: the archive is/);
    assert.match(await status(), /1 not read/);
    await page.click(".row >> nth=0");
    await page.waitForSelector(".cm-keysieve-mask");
  },
  async "what is dropped is taken in: files, and folders with all that is in them"() {
    await fresh();
    await dropped("tree", "wide.txt");
    await listed(4);
    const text = await seen();
    for (const path of ["tree/deep/a.env", "wide.txt"]) assert.ok(text.includes(path), path);
    assert.match(await status(), /4 findings in 3 files/);
  },
  async "an example for who has nothing at hand"() {
    await fresh();
    await page.click("#example");
    await page.waitForFunction(() => document.querySelectorAll(".row").length >= 5);
    await shot("example");
  },
  async "a diff: side by side, added lines only, a summary for a review"() {
    await fresh();
    await open("change.diff");
    await listed(1);
    await page.selectOption("#file", "src/deploy.py");
    await page.waitForSelector(".diff .removed");
    const text = await seen();
    for (const part of [secret, hidden, "vB2nKs"]) assert.ok(!text.includes(part), "a secret is seen");
    assert.equal(await page.locator(".diff .secret").count(), 4);
    await page.click(".row");
    await page.waitForSelector("tr.current td.added");
    await shot("diff");
    await page.click("td.added .secret");
    assert.ok((await page.innerText(".diff")).includes(secret));
    await page.click("td.added .secret");
    assert.ok(!(await seen()).includes(secret));
    await page.check("#added-only");
    await page.waitForFunction(() => !document.querySelector(".diff .removed"));
    assert.equal(await page.locator(".diff .secret").count(), 1);
    await choose("export", "Copy a summary");
    await said("summary is copied");
    const summary = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(summary, /\*\*keysieve\*\*: 1 credential in added lines\./);
    assert.ok(summary.includes("`src/deploy.py:3`") && !summary.includes(secret));
  },
  async "missing controls: in files, drafts and diffs; each family can be switched off"() {
    const code = ["import jwt from 'jsonwebtoken';", "export function user(token: string) {", "  const claims = jwt.verify(token, key, { algorithms: [\"RS256\"], ignoreExpiration: true });", "  return claims.sub;", "}", ""].join("\n");
    writeFileSync(join(work, "user.ts"), code);
    const added = code.trimEnd().split("\n").map((line) => `+${line}\n`);
    writeFileSync(join(work, "user.diff"), `--- /dev/null\n+++ b/src/user.ts\n@@ -0,0 +1,${added.length} @@\n${added.join("")}`);
    await fresh();
    await open("user.ts");
    await listed(1);
    await page.click(".row");
    const told = await page.innerText("#detail");
    for (const part of ["AC-", "line 3", "CWE-", "NHI4:2025", "not proof"]) assert.ok(told.includes(part), part);
    assert.equal(await page.locator(".cm-control").count(), 1);
    await shot("control");
    await open("change.diff", "user.diff");
    await listed(3);
    await page.uncheck("#filter-controls");
    await listed(1);
    await page.check("#filter-controls");
    await page.uncheck("#filter-credentials");
    await listed(2);
    await page.click(".row >> nth=1");
    await page.waitForSelector("tr.current td.added");
    await page.check("#filter-credentials");
    await choose("export", "Copy a summary");
    await said("summary is copied");
    const summary = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(summary.includes("Controls that may be missing") && summary.includes("`user.ts:3`"), summary);
    const { controls } = JSON.parse((await downloaded("export", "JSON")).bytes);
    assert.deepEqual(controls.map(({ path, start_line }) => [path, start_line]), [["user.ts", 3], ["src/user.ts", 3]]);
    const [{ results }] = JSON.parse((await downloaded("export", "SARIF")).bytes).runs;
    assert.equal(results.filter(({ ruleId }) => ruleId.startsWith("AC-")).length, 2);
    await fresh();
    await type(code);
    await page.waitForTimeout(400);
    await listed(0);
    await page.selectOption("#language", "JavaScript, TypeScript");
    await listed(1);
    await page.click(".row");
    await page.click("#mark-known");
    await listed(0);
  },
  async "a pasted diff is a diff"() {
    await fresh();
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, DIFF.slice(0, DIFF.indexOf(" print(DB)")));
    await listed(1);
    assert.match(await page.innerText(".unread"), /should go on by its header/);
  },
  async "redacted: a file, all files as a zip, a text as a copy"() {
    await fresh();
    await page.setInputFiles("#open-folder", join(work, "tree"));
    await listed(2);
    await page.click(".row >> nth=0");
    await page.waitForSelector(".cm-keysieve-mask");
    const clean = new api.Scanner().redact(CONFIG);
    assert.ok(!clean.includes(secret) && !clean.includes(hidden));
    const one = await downloaded("redact", "this file");
    assert.deepEqual([one.name, one.bytes.toString()], ["a.redacted.env", clean]);
    await said("2 secrets taken out");
    const all = await downloaded("redact", "all files");
    const files = unzipSync(all.bytes);
    const text = (name) => new TextDecoder().decode(files[Object.keys(files).find((path) => path.endsWith(name))]);
    assert.deepEqual([text("deep/a.env"), text("clean.txt")], [clean, "nothing here\n"]);
    await open("wide.txt");
    await listed(4);
    await page.click(".row >> nth=3");
    await page.waitForSelector(".cm-keysieve-mask");
    const wide = await downloaded("redact", "this file");
    assert.equal(wide.bytes.toString("utf16le"), `\ufeff${clean}`);
    await page.click(".row >> nth=0");
    await page.waitForSelector(".cm-keysieve-mask");
    await choose("redact", "Copy this text");
    await said("text is copied");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), clean);
  },
  async "exported: SARIF, JSON, CSV"() {
    await fresh();
    await page.setInputFiles("#open-folder", join(work, "tree"));
    await listed(2);
    const sarif = await downloaded("export", "SARIF");
    const json = await downloaded("export", "JSON");
    const csv = await downloaded("export", "CSV");
    for (const { name, bytes } of [sarif, json, csv]) {
      assert.ok(!bytes.includes(secret.slice(8, 20)) && !bytes.includes(hidden), name);
    }
    const [run] = JSON.parse(sarif.bytes).runs;
    assert.deepEqual(run.results.map((result) => [result.ruleId, result.locations[0].physicalLocation.region.startLine]), [["github-pat-classic", 2], ["databases-postgres-url", 3]]);
    const { findings, summary } = JSON.parse(json.bytes);
    const [want] = new api.Scanner().scan(CONFIG);
    assert.deepEqual([findings[0].fingerprint, findings[0].start_byte, findings[0].start_col], [want.fingerprint, want.startByte, 7]);
    assert.deepEqual([summary.files, summary.findings], [2, 2]);
    assert.equal(csv.bytes.toString().trim().split("\r\n").length, 3);
  },
  async "a baseline: marked, saved, loaded"() {
    await fresh();
    await type(CONFIG);
    await listed(2);
    await page.click(".row >> nth=0");
    await page.click("#mark-known");
    await listed(1);
    const saved = await downloaded("baseline", "Save");
    assert.match(saved.bytes.toString(), /^# keysieve baseline 1\n[0-9a-f]{32} github-pat-classic pasted%20text\n$/);
    writeFileSync(join(work, saved.name), saved.bytes);
    await fresh();
    await type(CONFIG);
    await listed(2);
    await page.setInputFiles("#open-baseline", join(work, saved.name));
    await listed(1);
    await page.check("#filter-known");
    await listed(2);
    await choose("baseline", "Mark all shown");
    assert.equal(await page.textContent("#count-known"), "2");
    await page.setInputFiles("#open-baseline", join(work, "change.diff"));
    await said("is no baseline: line 1");
  },
  async "with keys alone"() {
    await fresh();
    await type(CONFIG);
    await listed(2);
    // Out of the text: Escape leaves the editor, Tab moves on.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("j");
    await page.waitForSelector(".row[aria-current]");
    await page.keyboard.press("r");
    await page.waitForFunction((text) => document.querySelector(".cm-content").innerText.includes(text), secret);
    await page.keyboard.press("r");
    await page.waitForFunction((text) => !document.querySelector(".cm-content").innerText.includes(text), secret);
    assert.ok(!(await seen()).includes(secret));
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.querySelector("#detail h2").innerText.includes("PostgreSQL"));
    await page.keyboard.press("k");
    await page.keyboard.press("m");
    await listed(1);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "filter-rule");
    // Every control is reached by Tab, and the menus open and close by keys.
    await page.focus("#export summary");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.match(await page.evaluate(() => document.activeElement.textContent), /Copy a summary/);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.querySelector("#export").open), false);
    await page.focus(".cm-content");
    await page.keyboard.press("F8");
    assert.match(await page.innerText("#detail h2"), /PostgreSQL/);
  },
  async "nobody is left out: axe-core finds nothing, light, dark and on a phone"() {
    await fresh();
    await accessible("the welcome");
    await open("change.diff", "wide.txt", "broken.zip");
    await listed(3);
    await page.click(".row >> nth=0");
    await page.waitForTimeout(200);
    await accessible("a diff");
    await page.click("#theme");
    await accessible("a diff in the dark");
    await shot("dark-diff");
    await page.click(".row >> nth=1");
    await page.waitForSelector(".cm-keysieve-mask");
    await accessible("a text in the dark");
    await shot("dark-text");
    await page.click("#show-help");
    await accessible("the help");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 844 });
    await accessible("a phone");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `${wide} pixels wide on a phone`);
    await shot("phone-picked");
    await page.click("#detail .close");
    await page.click("#theme");
    await accessible("a phone in the light");
    await shot("phone");
    await page.setViewportSize({ width: 1280, height: 800 });
  },
  async "500 MB of logs dropped at once, streamed while the page answers"() {
    const path = join(work, "large.log");
    const file = openSync(path, "w");
    const line = "2026-01-31T12:00:00Z INFO request served path=/index.html status=200 ms=12\n";
    const block = Buffer.from(line.repeat(Math.ceil((1 << 20) / line.length)).slice(0, 1 << 20));
    for (let n = 0; n < 500; n++) writeSync(file, block);
    writeSync(file, `\nlast ${secret}\n`);
    closeSync(file);
    await fresh();
    await dropped("large.log");
    let [answers, advanced] = [0, 0];
    while (await page.evaluate(() => document.querySelector("footer progress").hidden && !document.querySelector(".row"))) await page.waitForTimeout(5);
    for (;;) {
      const [value, hidden] = await page.evaluate(() => {
        const bar = document.querySelector("footer progress");
        return [bar.value / bar.max, bar.hidden];
      });
      if (hidden) break;
      answers++;
      if (value > 0 && value < 1) advanced++;
    }
    assert.ok(answers >= 5 && advanced >= 2, `${answers} answers, ${advanced} of them with progress`);
    await listed(1);
    assert.match(await status(), /1 finding in 1 file, 524 MB/);
    await page.click(".row");
    await page.waitForSelector(".cm-keysieve-mask");
    assert.match(await page.innerText("#view .warning"), /are shown/);
    assert.ok((await page.innerText(".cm-content")).includes("last "));
    const memory = await page.evaluate(() => performance.memory.usedJSHeapSize);
    assert.ok(memory < 200e6, `${memory} bytes in the page`);
    rmSync(path);
  },
  async "without a network, and no request carries anything"() {
    await fresh();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    server.close();
    await context.setOffline(true);
    await fresh();
    await type(CONFIG);
    await listed(2);
    await open("some.zip");
    await listed(4);
    await context.setOffline(false);
    const refused = (script) => page.evaluate(script);
    assert.equal(await refused(`fetch("./icon.svg").then(() => "sent", () => "refused")`), "refused");
    const beacon = `new Promise((done) => {
      addEventListener("securitypolicyviolation", () => done("refused"));
      navigator.sendBeacon("https://example.org/", "x");
      setTimeout(() => done("sent"), 5000);
    })`;
    assert.equal(await refused(beacon), "refused");
    const inWorker = `new Promise((done) => {
      const script = 'fetch("https://example.org/").then(() => postMessage("sent"), () => postMessage("refused"))';
      const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
      worker.onmessage = ({ data }) => done(data);
    })`;
    assert.equal(await refused(inWorker), "refused");
    for (const request of requests) {
      const { origin, search, protocol } = new URL(request.url());
      if (protocol === "blob:" || protocol === "data:" || request.url().startsWith("https://example.org/")) continue;
      assert.deepEqual([origin, search, request.method(), request.postData()], [server.url, "", "GET", null]);
    }
    const told = decodeURIComponent([...paths, ...requests.map((request) => request.url())].join(" "));
    assert.ok(!told.includes(secret.slice(8, 20)) && !told.includes(hidden));
  },
};

let [passed, failed] = [0, 0];
const only = process.env.ONLY;
for (const [name, test] of Object.entries(TESTS)) {
  if (only && !name.includes(only)) continue;
  complaints.length = 0;
  try {
    await test();
    const unasked = complaints.filter((text) => !/Content Security Policy|Failed to load resource|ERR_INTERNET|violates/.test(text) || !name.includes("network"));
    assert.deepEqual(unasked, [], "the page complains");
    passed++;
  } catch (error) {
    failed++;
    console.log(`${name}: ${error.message}`);
    await page.screenshot({ path: join(work, `failed-${failed}.png`) }).catch(() => undefined);
  }
}
await browser.close();
server.close();
console.log(`test result: ${failed ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; 0 ignored (the page)`);
process.exit(failed ? 1 : 0);
