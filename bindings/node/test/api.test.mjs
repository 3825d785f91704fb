// What the package promises beyond the common API.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable, Writable } from "node:stream";
import test from "node:test";
import { Worker } from "node:worker_threads";
import * as esm from "keysieve";
import { key } from "./material.cjs";

const require = createRequire(import.meta.url);
const cjs = require("keysieve");
const { RedactTransform, Scanner, compileRules, engine } = esm;
const scanner = new Scanner({ now: null });
const text = `ключ 🔑 = ${key(1)}; and ${key(2)}\n`;

/** What threads do is a matter of the addon. */
const NATIVE = { skip: engine().build !== "native" };

test("import and require give the same classes", () => {
  assert.equal(cjs.Scanner, esm.Scanner);
  assert.equal(engine().build, process.env.KEYSIEVE_WASM === "1" ? "wasm" : "native");
});

test("bytes, buffers, views and strings give the same", () => {
  const found = scanner.scan(text);
  assert.equal(found.length, 2);
  assert.equal(text.slice(found[0].startUtf16, found[0].endUtf16), key(1));
  const buffer = Buffer.from(text);
  assert.equal(buffer.subarray(found[0].startByte, found[0].endByte).toString(), key(1));
  assert.deepEqual(scanner.scan(buffer), found);
  assert.deepEqual(scanner.scan(new Uint8Array(Buffer.from("x" + text).buffer.slice(0), 0, 0)), []);
  const shared = new Uint8Array(new SharedArrayBuffer(buffer.length));
  shared.set(buffer);
  assert.deepEqual(scanner.scan(shared), found);
  assert.throws(() => scanner.scan(7), TypeError);
});

test("an asynchronous scan keeps its own bytes", async () => {
  const buffer = Buffer.alloc(buffer0().length);
  buffer.set(buffer0());
  const scan = scanner.scanAsync(buffer);
  buffer.fill(0);
  assert.deepEqual(await scan, scanner.scan(text));
  const bytes = Uint8Array.from(buffer0());
  const second = scanner.scanAsync(bytes);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  assert.equal(bytes.length, 0);
  assert.deepEqual(await second, scanner.scan(text));
});
const buffer0 = () => Buffer.from(text);

test("a signal gives a scan up", async () => {
  const gone = AbortSignal.abort(new Error("not wanted"));
  await assert.rejects(scanner.scanAsync(text, { signal: gone }), /not wanted/);
  const controller = new AbortController();
  const big = Buffer.alloc(8 << 20, "a line of harmless text\n");
  const scans = Array.from({ length: 12 }, () => scanner.scanAsync(big, { signal: controller.signal }));
  controller.abort(new Error("too late"));
  for (const scan of await Promise.allSettled(scans)) assert.match(String(scan.reason), /too late/);
  assert.equal((await scanner.scanAsync(text)).length, 2);
});

test("files and folders", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keysieve-"));
  try {
    mkdirSync(join(folder, "deep"));
    for (let n = 0; n < 40; n++) writeFileSync(join(folder, n % 2 ? "deep" : ".", `${n}.txt`), `${n} ${key(n)}\n`);
    writeFileSync(join(folder, "wide.txt"), Buffer.from("\ufeff" + text, "utf16le"));
    const one = await scanner.scanFile(join(folder, "2.txt"));
    assert.deepEqual([one.content, one.findings[0].startByte], ["text", 2]);
    const told = [];
    const scan = scanner.scanFiles([folder, join(folder, "missing")], { onProgress: (it) => told.push(it), concurrency: 3 });
    const found = [];
    for await (const finding of scan) found.push(finding);
    const wide = found.filter(({ path }) => path.endsWith("wide.txt")).length;
    // Without the addon UTF-16 is no text.
    assert.equal(wide, engine().build === "native" ? 2 : 0);
    assert.equal(found.length - wide, 40);
    assert.equal(told.at(-1).files, 41);
    assert.equal(told.at(-1).bytes, told.at(-1).allBytes);
    assert.deepEqual(scan.problems.map(({ path }) => path), [join(folder, "missing")]);
    const controller = new AbortController();
    const given = async () => {
      for await (const _ of scanner.scanFiles(folder, { signal: controller.signal })) controller.abort();
    };
    await assert.rejects(given(), { name: "AbortError" });
    await assert.rejects(scanner.scanFile(join(folder, "missing")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("rules as TOML", NATIVE, () => {
  const rule = `
rotate = "https://example.com/keys"
[[rule]]
id = "acme-key"
title = "Acme key"
severity = "high"
lifetime = "static"
source = "https://example.com/docs"
token = "acmekey_[0-9a-f]{24}"
`;
  let own;
  try {
    own = new Scanner({ rules: rule });
  } catch (error) {
    assert.match(error.message, /acme|rules\.toml/);
    return;
  }
  assert.ok(compileRules(rule).length > 100);
  assert.ok(own.rules().some(({ id }) => id === "acme-key"));
});

test("wrong options are told and nothing of values", () => {
  assert.throws(() => new Scanner({ minConfidence: "sure" }), /minConfidence/);
  assert.throws(() => scanner.redact("a", { values: ["short"] }), (error) => !error.message.includes("short7"));
});

test("a stream is cleaned whatever its pieces, with back pressure", async () => {
  const whole = Buffer.from(Array.from({ length: 2000 }, (_, n) => `line ${n} ключ ${n % 10 ? "none" : key(n)}\n`).join(""));
  const clean = scanner.redact(whole);
  for (const size of [1, 7, 4096]) {
    const part = size === 1 ? whole.subarray(0, 20_000) : whole;
    const pieces = [];
    for (let at = 0; at < part.length; at += size) pieces.push(part.subarray(at, at + size));
    const out = [];
    const slow = new Writable({
      highWaterMark: 64,
      write(chunk, _, done) {
        out.push(chunk);
        setImmediate(done);
      },
    });
    const redact = new RedactTransform(scanner);
    await pipeline(Readable.from(pieces), redact, slow);
    const expect = size === 1 ? scanner.redact(part) : clean;
    assert.ok(Buffer.concat(out).equals(Buffer.from(expect)), `pieces of ${size}`);
    assert.equal(redact.summary.bytesIn, part.length);
  }
});

test("many scans at once", async () => {
  const scans = Array.from({ length: 10_000 }, (_, n) => scanner.scanAsync(`${n} ${key(n % 50)}`));
  const all = await Promise.all(scans);
  assert.ok(all.every((found, n) => found.length === 1 && found[0].startByte === String(n).length + 1));
});

test("worker threads that end while they scan", NATIVE, async () => {
  const code = `
    const { Scanner } = require("keysieve");
    const { parentPort } = require("node:worker_threads");
    const scanner = new Scanner();
    const big = Buffer.alloc(1 << 20, "a line of harmless text\\n");
    for (let n = 0; n < 8; n++) scanner.scanAsync(big).catch(() => {});
    parentPort.postMessage(scanner.scan(${JSON.stringify(text)}).length);
  `;
  for (let n = 0; n < 12; n++) {
    const worker = new Worker(code, { eval: true });
    const [found] = await new Promise((resolve, reject) => {
      worker.once("message", (...it) => resolve(it));
      worker.once("error", reject);
    });
    assert.equal(found, 2);
    await worker.terminate();
  }
  assert.equal((await scanner.scanAsync(text)).length, 2);
});

test("a process that ends while it scans", NATIVE, () => {
  const code = `
    const { Scanner } = require("keysieve");
    const big = Buffer.alloc(16 << 20, "a line of harmless text\\n");
    const scanner = new Scanner();
    for (let n = 0; n < 16; n++) scanner.scanAsync(big);
    setTimeout(() => process.exit(7), 5);
  `;
  for (let n = 0; n < 5; n++) {
    const ended = spawnSync(process.execPath, ["-e", code]);
    assert.deepEqual([ended.status, ended.signal, String(ended.stderr)], [7, null, ""]);
  }
});

test("memory stays flat", NATIVE, () => {
  const code = `
    const { Scanner } = require("keysieve");
    const text = ${JSON.stringify(text)}.repeat(8);
    const round = async () => {
      for (let n = 0; n < 12; n++) {
        const scanner = new Scanner({ now: null });
        scanner.scan(text);
        scanner.redact(text);
        const stream = scanner.stream();
        stream.push(Buffer.from(text));
        stream.finish();
        await Promise.all(Array.from({ length: 8 }, () => scanner.scanAsync(text)));
        scanner.redactor().clean(text);
      }
      gc();
      return process.memoryUsage.rss();
    };
    (async () => {
      for (let n = 0; n < 3; n++) await round();
      const before = await round();
      for (let n = 0; n < 5; n++) await round();
      const grown = (await round()) - before;
      console.log(grown);
      process.exit(grown < 24 << 20 ? 0 : 1);
    })();
  `;
  const ended = spawnSync(process.execPath, ["--expose-gc", "-e", code]);
  assert.equal(ended.status, 0, `grown by ${ended.stdout} bytes; ${ended.stderr}`);
});

test("the program through npm", NATIVE, () => {
  const run = (...given) => spawnSync("npx", ["--no-install", "keysieve", ...given], { input: text, shell: process.platform === "win32" });
  assert.match(String(run("--version").stdout), /^keysieve \d/);
  const found = run("scan", "--no-config", "-");
  assert.equal(found.status, 1, String(found.stderr));
  assert.equal(String(run("redact").stdout).includes(key(1)), false);
});
