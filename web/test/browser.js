// The package in Chromium, under the strictest policy that it needs: the table
// of cases in a worker with each build, and what the types promise in a page.
// `node browser.js PACKAGE CASES`
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "./chromium.js";

const [folder, table] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));

const PAGE = `<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="/page.js"></script>`;
const WORKER = `
import * as api from "/package/index.js";
import cases from "/cases.js";
import { conformance } from "/test/conformance.js";
const simd = self.name === "simd128";
try {
  await api.load({ simd });
  postMessage({ ...(await conformance(api, cases)), build: api.engine().build });
} catch (error) {
  postMessage({ passed: 0, wrong: [String(error)] });
}`;
const PAGE_SCRIPT = `
import * as api from "/package/index.js";
import { promises } from "/test/promises.js";
window.inPage = async () => {
  await api.load();
  return { ...(await promises(api)), build: api.engine().build };
};
window.inWorker = (name) => new Promise((resolve, reject) => {
  const worker = new Worker("/worker.js", { type: "module", name });
  worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
  worker.onerror = (event) => reject(new Error(event.message));
});
window.fetched = () => fetch("/page.js").then(() => "fetched", () => "refused");
window.ready = true;`;

const server = await serve(async (path) => {
  if (path === "/") return { html: PAGE };
  if (path === "/page.js") return { script: PAGE_SCRIPT };
  if (path === "/worker.js") return { script: WORKER };
  if (path === "/cases.js") return { script: `export default ${await readFile(table, "utf8")}` };
  if (path.startsWith("/package/")) return join(folder, path.slice("/package".length));
  return join(here, path.slice("/test".length));
});
const browser = await launch();
let failed = 0;
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(`the page: ${error.message}`));
  await page.goto(server.url);
  await page.waitForFunction(() => window.ready);
  const runs = [
    ["simd128, a worker", () => page.evaluate("inWorker('simd128')"), "simd128"],
    ["plain, a worker", () => page.evaluate("inWorker('plain')"), "plain"],
    ["a page", () => page.evaluate("inPage()"), "simd128"],
  ];
  for (const [name, run, build] of runs) {
    const { passed, wrong, build: was } = await run();
    if (was !== build) wrong.push(`the build is ${was}`);
    failed += wrong.length;
    wrong.forEach((message) => console.log(`${name}: ${message}`));
    const outcome = wrong.length ? "FAILED" : "ok";
    console.log(`test result: ${outcome}. ${passed} passed; ${wrong.length} failed; 0 ignored (Chromium, ${name})`);
  }
  // The policy is in force: or all this would prove nothing.
  if ((await page.evaluate("fetched()")) !== "refused") {
    failed++;
    console.log("the policy lets a request out");
  }
} finally {
  await browser.close();
  server.close();
}
process.exit(failed ? 1 : 0);
