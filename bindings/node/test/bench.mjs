// Measures in one run, so that the ratios compare: `cargo xtask node --bench`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RedactTransform, Scanner } from "keysieve";
import { key } from "./material.cjs";

const MB = 1e6;
const scanner = new Scanner({ now: null });

/** Lines of a log, each different. */
function log(bytes) {
  const lines = [];
  for (let n = 0, size = 0; size < bytes; n++) {
    const mixed = Math.imul(n ^ (n >>> 7), 0x9e3779b1) >>> 0;
    lines.push(`2026-03-01T10:${String(n % 60).padStart(2, "0")}:00Z INFO gateway[${mixed % 30000}]: request finished status=200 path=/api/v2/items/${mixed} took=${mixed % 900}ms\n`);
    size += lines.at(-1).length;
  }
  return Buffer.from(lines.join("")).subarray(0, bytes);
}

/** The best of some runs, in seconds of the processor: others may run beside. */
async function best(rounds, run) {
  let best = Infinity;
  for (let n = 0; n < rounds; n++) {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

async function scanning() {
  const text = log(1 << 20);
  const own = await best(60, () => scanner.scan(text));
  row("scan of 1 MiB, MB/s", ((1 << 20) / MB / own).toFixed(0));
  const many = Array.from({ length: 64 }, () => text);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const async = await best(2, () => Promise.all(many.map((it) => scanner.scanAsync(it))));
  delay.disable();
  row("scanAsync of 64 × 1 MiB, MB/s", ((64 * (1 << 20)) / MB / async).toFixed(0));
  row("event loop meanwhile, ms at 99 %", (delay.percentile(99) / 1e6).toFixed(1));
}

async function streaming() {
  const chunk = log(64 << 10);
  const chunks = 2048;
  const drain = () => new Writable({ write: (_, __, done) => done() });
  const pieces = () => Readable.from((function* () {
    for (let n = 0; n < chunks; n++) yield chunk;
  })());
  const raw = await best(2, () => {
    const stream = new RedactTransform(scanner);
    const sink = [];
    stream.on("data", (it) => (sink.length = 0, sink.push(it)));
    for (let n = 0; n < chunks; n++) stream._transform(chunk, undefined, () => {});
  });
  const node = await best(2, () => pipeline(pieces(), new RedactTransform(scanner), drain()));
  const size = (chunks * chunk.length) / MB;
  row("redaction of the engine alone, MB/s", (size / raw).toFixed(0));
  row("RedactTransform in a pipeline, MB/s", (size / node).toFixed(0));
}

const LOGGERS = {
  "pino alone": "pino(destination)",
  "pino, hook": 'pino({ hooks: { streamWrite: require("keysieve/pino").streamWrite() } }, destination)',
};

/** Lines each second, and the times of single lines in microseconds. */
function logged(make) {
  const code = `
    const pino = require("pino");
    const { performance } = require("node:perf_hooks");
    require("keysieve").load().then(() => {
      const destination = pino.destination({ dest: "/dev/null", sync: false, minLength: 4096 });
      const logger = ${make};
      const line = (n) => logger.info({ req: { id: n, method: "GET", url: "/api/v2/items/" + n }, took: n % 900 }, "request finished");
      for (let n = 0; n < 20000; n++) line(n);
      let best = Infinity;
      for (let round = 0; round < 5; round++) {
        const start = process.cpuUsage();
        for (let n = 0; n < 40000; n++) line(n);
        best = Math.min(best, process.cpuUsage(start).user / 1000);
      }
      const times = new Float64Array(40000);
      for (let n = 0; n < times.length; n++) {
        const start = performance.now();
        line(n);
        times[n] = performance.now() - start;
      }
      times.sort();
      console.log(JSON.stringify([40000 / best * 1000, times[20000] * 1000, times[39960] * 1000]));
    });
  `;
  const ended = spawnSync(process.execPath, ["-e", code], { encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

function logging() {
  console.log("\n| | lines/s | median µs | 99.9 % µs | of pino alone |\n| --- | --: | --: | --: | --: |");
  let alone;
  for (const [name, make] of Object.entries(LOGGERS)) {
    const [rate, median, slow] = logged(make);
    alone ??= rate;
    row(name, rate.toFixed(0), median.toFixed(2), slow.toFixed(1), (rate / alone).toFixed(2));
  }
}

async function secretlint() {
  const { lintSource } = await import("@secretlint/core");
  const preset = await import("@secretlint/secretlint-rule-preset-recommend");
  const content = log(256 << 10).toString() + `key ${key(1)}\n`;
  const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: preset.creator, options: {} }] };
  const theirs = await best(3, () => lintSource({ source: { filePath: "/a.log", content, contentType: "text", ext: ".log" }, options: { config, noPhysicFilePath: true } }));
  const ours = await best(30, () => assert.equal(scanner.scan(content).length, 1));
  row("secretlint, MB/s", (content.length / MB / theirs).toFixed(2));
  row("keysieve on the same string, MB/s", (content.length / MB / ours).toFixed(0));
}

console.log("| in processor time | |\n| --- | --: |");
await scanning();
await streaming();
await secretlint();
logging();
