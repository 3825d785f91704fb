// Measures in one run, so that the ratios compare; `cargo xtask node --bench`
// runs it: `node bench.mjs MEASURE`, where MEASURE is keysieve-measure, the
// native yardstick. What each side found is compared before a figure is told.
//
// Times are those of the processor, so others may run beside.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { RedactStream, RedactTransform, Scanner } from "keysieve";
import { key } from "./material.cjs";
import { token } from "./promises.mjs";

const [measure] = process.argv.slice(2);
const MB = 1e6;
const MEGABYTE = 1 << 20;
const GIGABYTE = 1 << 30;
const scanner = new Scanner({ now: null });
const work = mkdtempSync(join(tmpdir(), "keysieve-bench-"));

/** Lines of a log, each different; one of them with a key. */
function log(bytes) {
  const lines = [`using key ${key(1)} for the upload\n`];
  for (let n = 0, size = 0; size < bytes; n++) {
    const mixed = Math.imul(n ^ (n >>> 7), 0x9e3779b1) >>> 0;
    lines.push(`2026-03-01T10:${String(n % 60).padStart(2, "0")}:00Z INFO gateway[${mixed % 30000}]: request finished status=200 path=/api/v2/items/${mixed} took=${mixed % 900}ms\n`);
    size += lines.at(-1).length;
  }
  return Buffer.from(lines.join("")).subarray(0, bytes);
}

/** Seconds of the processor that it takes, all threads together. */
async function taken(run) {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

/** The best of some runs, each `times` over. */
async function best(rounds, run, times = 1) {
  let best = Infinity;
  for (let n = 0; n < rounds; n++) {
    best = Math.min(best, await taken(async () => {
      for (let n = 0; n < times; n++) await run();
    }));
  }
  return best / times;
}

/** What the native engine needs for the same: the best of its engines. */
function native(found, ...given) {
  const rows = execFileSync(measure, given.map(String), { encoding: "utf8" }).trim().split("\n");
  const seconds = rows.map((row) => {
    const [, name, , count, nanoseconds] = row.split("\t");
    assert.equal(Number(count), found, name);
    return Number(nanoseconds) / 1e9;
  });
  return Math.min(...seconds);
}

const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

async function scanning() {
  const text = log(MEGABYTE);
  const path = join(work, "megabyte.log");
  writeFileSync(path, text);
  const found = scanner.scan(text).length;
  // By turns: what slows the one down does so to the other.
  let [ours, theirs] = [Infinity, Infinity];
  for (let n = 0; n < 5; n++) {
    ours = Math.min(ours, await best(6, () => scanner.scan(text), 10));
    theirs = Math.min(theirs, native(found, "scans", 40, MEGABYTE, path));
  }
  const speed = (seconds, bytes) => (bytes / MB / seconds).toFixed(0);
  row("`scan` of a Buffer of 1 MiB", speed(ours, MEGABYTE), speed(theirs, MEGABYTE), (theirs / ours).toFixed(2));
  const string = text.toString();
  const copied = await best(10, () => scanner.scan(string), 10);
  row("`scan` of a string of 1 MiB", speed(copied, MEGABYTE), speed(theirs, MEGABYTE), (theirs / copied).toFixed(2));
  const many = Array.from({ length: 64 }, () => text);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const apart = await best(3, () => Promise.all(many.map((it) => scanner.scanAsync(it)))) / 64;
  delay.disable();
  row("64 times `scanAsync` of it, all threads together", speed(apart, MEGABYTE), speed(theirs, MEGABYTE), (theirs / apart).toFixed(2));
  return `Event loop while they ran: ${(delay.percentile(50) / 1e6).toFixed(1)} ms late at the median, ${(delay.percentile(99.9) / 1e6).toFixed(1)} ms at 99.9 % (its clock ticks every millisecond).`;
}

async function streaming() {
  const chunk = log(64 << 10);
  const path = join(work, "chunk.log");
  writeFileSync(path, chunk);
  const chunks = GIGABYTE / chunk.length;
  function* pieces() {
    for (let n = 0; n < chunks; n++) yield chunk;
  }
  const drain = () => new Writable({ write: (_, __, done) => done() });
  let found;
  const node = await best(2, async () => {
    const redact = new RedactTransform(scanner);
    await pipeline(Readable.from(pieces()), redact, drain());
    found = Object.values(redact.summary.findings).reduce((sum, n) => sum + n, 0);
  });
  const web = await best(2, async () => {
    const redact = new RedactStream(scanner);
    await ReadableStream.from(pieces()).pipeThrough(redact).pipeTo(new WritableStream());
    assert.equal((await redact.summary).bytesIn, GIGABYTE);
  });
  const theirs = native(found, "redact", 2, GIGABYTE, path);
  const speed = (seconds) => (GIGABYTE / MB / seconds).toFixed(0);
  row("`RedactTransform`, 1 GiB in chunks of 64 KiB", speed(node), speed(theirs), (theirs / node).toFixed(2));
  row("`RedactStream` (web), the same", speed(web), speed(theirs), (theirs / web).toFixed(2));
}

const HOOK = 'hooks: { streamWrite: require("keysieve/pino").streamWrite() }';
const toFile = (target) => `pino(pino.transport({ target: ${target}, options: { destination: "/dev/null" } }))`;
const BUFFERED = 'pino.destination({ dest: "/dev/null", sync: false, minLength: 4096 })';
const SYNC = 'pino.destination({ dest: join(process.argv[1], "out.log"), sync: true })';

/** Ways to log: pino alone, and what is to be compared with it. */
const LOGGERS = [
  ["a file, line by line (pino's default)", `pino(${SYNC})`, `pino({ ${HOOK} }, ${SYNC})`],
  ["buffered, into nothing", `pino(${BUFFERED})`, `pino({ ${HOOK} }, ${BUFFERED})`],
  ["a transport in its thread, into nothing", toFile('"pino/file"'), toFile('require.resolve("keysieve/pino")')],
];

/** Lines each second of the processor, and the times of single lines in microseconds. */
function logged(make) {
  const code = `
    const pino = require("pino");
    const { join } = require("node:path");
    const { performance } = require("node:perf_hooks");
    const { setImmediate: turn } = require("node:timers/promises");
    async function main() {
      const logger = ${make};
      const line = (n) => logger.info({ req: { id: n, method: "GET", url: "/api/v2/items/" + n }, took: n % 900 }, "request finished");
      const some = async (count) => {
        for (let n = 0; n < count; n++) {
          line(n);
          if (n % 2000 === 0) await turn();
        }
        await new Promise((done) => logger.flush(done));
      };
      await some(30000);
      let best = Infinity;
      for (let round = 0; round < 7; round++) {
        const start = process.cpuUsage();
        await some(30000);
        const { user, system } = process.cpuUsage(start);
        best = Math.min(best, (user + system) / 1e6);
      }
      const times = new Float64Array(40000);
      for (let n = 0; n < times.length; n++) {
        const start = performance.now();
        line(n);
        times[n] = performance.now() - start;
        if (n % 2000 === 0) await turn();
      }
      times.sort();
      console.log(JSON.stringify([30000 / best, times[20000] * 1000, times[39960] * 1000]));
    }
    require("keysieve").load().then(main);
  `;
  const ended = spawnSync(process.execPath, ["-e", code, work], { encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return JSON.parse(ended.stdout);
}

function logging() {
  console.log("\n| pino into | lines/s | with keysieve | ratio | added µs a line, median | 99.9 % |\n| --- | --: | --: | --: | --: | --: |");
  for (const [name, alone, with_] of LOGGERS) {
    // By turns, and the best of each counts.
    const runs = [alone, with_, alone, with_, alone, with_].map(logged);
    const of = (parity, at, pick) => pick(...runs.filter((_, n) => n % 2 === parity).map((run) => run[at]));
    const [own, ours] = [of(0, 0, Math.max), of(1, 0, Math.max)];
    const added = (at) => (of(1, at, Math.min) - of(0, at, Math.min)).toFixed(2);
    row(name, own.toFixed(0), ours.toFixed(0), (ours / own).toFixed(2), added(1), added(2));
  }
}

async function secretlint() {
  const { lintSource } = await import("@secretlint/core");
  const preset = await import("@secretlint/secretlint-rule-preset-recommend");
  // Ids of access keys are no secrets to it.
  const content = log(256 << 10).toString().replace(key(1), token());
  const config = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend", rule: preset.creator, options: {} }] };
  const lint = () => lintSource({ source: { filePath: "/a.log", content, contentType: "text", ext: ".log" }, options: { config, noPhysicFilePath: true } });
  assert.equal((await lint()).messages.length, 1);
  const theirs = await best(3, lint);
  const ours = await best(10, () => assert.equal(scanner.scan(content).length, 1), 10);
  const speed = (seconds) => content.length / MB / seconds;
  console.log(`\nOn the same string of 256 KiB, with one key that both find: secretlint ${speed(theirs).toFixed(2)} MB/s with about 30 rules, keysieve ${speed(ours).toFixed(0)} MB/s with ${scanner.rules().length}: ${(theirs / ours).toFixed(0)} times as fast.`);
}

console.log(`Node ${process.version}, in time of the processor.\n`);
console.log("| MB/s | in Node | native | ratio |\n| --- | --: | --: | --: |");
const delay = await scanning();
await streaming();
console.log(`\n${delay}`);
await secretlint();
logging();
rmSync(work, { recursive: true });
