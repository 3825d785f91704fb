// How fast the package is beside the native engines, over the same bytes:
// `node bench.js PACKAGE MEASURE FILE…`, where MEASURE is keysieve-measure.
// What each counts must be the same before a figure is printed.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { launch, serve } from "./chromium.js";

const [folder, measure, ...files] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
/** Short rounds, many of them: some are not interrupted by what runs beside. */
const MOST = 8 << 20;
const ROUNDS = 30;
const OPTIONS = { minConfidence: "weak", inlineAllow: false, now: null };

const WORKER = `
import * as api from "/package/index.js";
import { edited, scanned } from "/test/measure.js";
onmessage = async ({ data: { file, simd } }) => {
  await api.load({ simd });
  const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
  const scanner = new api.Scanner(${JSON.stringify(OPTIONS)});
  postMessage({ ...scanned(scanner, bytes, ${ROUNDS}), edit: edited(scanner, bytes) });
};`;

function native(file) {
  const rows = execFileSync(measure, ["scans", String(ROUNDS), String(MOST), file], { encoding: "utf8" });
  return rows.trim().split("\n").map((row) => {
    const [, name, bytes, count, nanoseconds] = row.split("\t");
    return { name, bytes: Number(bytes), count: Number(count), best: Number(nanoseconds) / 1e6 };
  });
}

/** In a thread of its own: a module holds the build that was loaded last. */
const THREAD = `
const { parentPort, workerData: { index, measure, bytes, simd } } = require("node:worker_threads");
Promise.all([import(index), import(measure)]).then(async ([api, { edited, scanned }]) => {
  await api.load({ simd });
  const scanner = new api.Scanner(${JSON.stringify(OPTIONS)});
  parentPort.postMessage({ ...scanned(scanner, bytes, ${ROUNDS}), edit: edited(scanner, bytes) });
});`;

function inNode(bytes, simd) {
  const url = (path) => pathToFileURL(path).href;
  const workerData = { index: url(join(folder, "index.js")), measure: url(join(here, "measure.js")), bytes: new Uint8Array(bytes), simd };
  return new Promise((resolve, reject) => {
    new Worker(THREAD, { eval: true, workerData }).on("message", resolve).on("error", reject);
  });
}

const server = await serve((path) => {
  if (path === "/") return { html: "<!doctype html><title>bench</title>" };
  if (path === "/worker.js") return { script: WORKER };
  const text = path.match(/^\/file\/(\d+)$/);
  if (text) return { html: readFileSync(files[Number(text[1])]).subarray(0, MOST) };
  if (path.startsWith("/package/")) return join(folder, path.slice("/package".length));
  return join(here, path.slice("/test".length));
}, "");

// One after the other: no browser runs beside Node.
const builds = [true, false];
const bytes = files.map((file) => readFileSync(file).subarray(0, MOST));
const natives = files.map(native);
const nodes = [];
for (const text of bytes) nodes.push([await inNode(text, true), await inNode(text, false)]);

const browser = await launch();
const page = await browser.newPage();
await page.goto(server.url);
const inWorker = (file, simd) =>
  page.evaluate(
    ({ file, simd }) =>
      new Promise((resolve, reject) => {
        const worker = new Worker("/worker.js", { type: "module" });
        worker.onmessage = ({ data }) => resolve(data) ?? worker.terminate();
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage({ file, simd });
      }),
    { file, simd },
  );

for (const [index, file] of files.entries()) {
  const rows = natives[index];
  const yard = rows.find((row) => row.name.includes("AVX2")) ?? rows[0];
  for (const [number, simd] of builds.entries()) {
    const name = simd ? "simd128" : "plain";
    rows.push({ name: `Node, ${name}`, ...nodes[index][number] });
    rows.push({ name: `a worker of Chromium, ${name}`, ...(await inWorker(`/file/${index}`, simd)) });
  }
  for (const row of rows) {
    if (row.count !== yard.count) throw new Error(`${row.name}: ${row.count}, not ${yard.count}`);
  }
  console.log(`\n${basename(file)}, ${bytes[index].length} bytes, ${yard.count} findings\n`);
  console.log("| engine | GB/s | of native AVX2 | an edit in 64 KiB, ms |\n| --- | --: | --: | --: |");
  for (const row of rows) {
    const speed = (bytes[index].length / row.best / 1e6).toFixed(2);
    console.log(`| ${row.name} | ${speed} | ${(yard.best / row.best).toFixed(2)} | ${row.edit?.toFixed(3) ?? ""} |`);
  }
}
await browser.close();
server.close();
