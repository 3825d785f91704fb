// The addon with every access to memory watched: `cargo xtask node --valgrind`.
// Started by itself it runs everything once; `watch` starts it under valgrind
// and fails where the addon's own code stands in a complaint.
"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { readFileSync, rmSync } = require("node:fs");
const { join } = require("node:path");

async function everything() {
  const { Baseline, RedactTransform, Scanner } = require("keysieve");
  const { key, pem } = require("./material.cjs");
  const scanner = new Scanner({ now: null });
  const text = `ключ 🔑 = ${key(1)}\n${pem}\n`;
  assert.equal(scanner.scan(text).length, 2);
  assert.equal(scanner.scan(Buffer.from(text)).length, 2);
  const gone = new Uint8Array(16);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  for (const nothing of ["", new Uint8Array(), gone]) {
    assert.deepEqual(scanner.scan(nothing), []);
    assert.equal(scanner.redact(nothing).length, 0);
    assert.deepEqual(await scanner.scanAsync(nothing), []);
  }
  const changed = Buffer.from(text);
  const scans = Array.from({ length: 50 }, () => scanner.scanAsync(changed));
  changed.fill(0);
  for (const found of await Promise.all(scans)) assert.equal(found.length, 2);
  await Promise.allSettled([scanner.scanFile("/no/such/file"), scanner.scanFile(__filename)]);
  for await (const _ of scanner.scanFiles([__filename])) assert.fail();
  const stream = scanner.stream();
  const found = [...Buffer.from(text)].flatMap((byte) => stream.push(Uint8Array.of(byte)));
  assert.equal(found.concat(stream.finish()).length, 2);
  const redactor = scanner.redactor({ values: ["a value of mine"], packs: ["pii"], mask: "keyed", key: "some key of ours" });
  assert.ok(!redactor.clean(`a value of mine, ${key(2)}`).includes(key(2)));
  assert.equal(redactor.clean("clean"), "clean");
  const document = scanner.document(text);
  for (let n = 0; n < 20; n++) document.update({ startUtf16: n, endUtf16: n + 1, text: n % 2 ? key(n) : "\ud83d" });
  document.free();
  const transform = new RedactTransform(scanner);
  transform.resume().end(text);
  await new Promise((done) => transform.once("end", done));
  const baseline = new Baseline();
  baseline.add(scanner.scan(text)[0], "a b");
  assert.equal(new Baseline(baseline.toString()).size, 1);
  assert.throws(() => new Baseline("nonsense"));
  assert.throws(() => new Scanner({ nonsense: 1 }));
  console.log("ran");
}

/** What valgrind says of code of the addon. */
function watch() {
  const log = join(__dirname, "valgrind.log");
  const given = ["--smc-check=all-non-file", "--error-limit=no", "--leak-check=full", "--show-leak-kinds=definite", `--log-file=${log}`];
  const ended = spawnSync("valgrind", [...given, process.execPath, "--jitless", __filename], { encoding: "utf8" });
  if (ended.error) throw new Error(`valgrind: ${ended.error.message}; apt-get install valgrind`);
  assert.match(ended.stdout, /^ran$/m, ended.stderr);
  const complaints = readFileSync(log, "utf8").replace(/^==\d+== ?/gm, "").split("\n\n");
  const ours = complaints.filter((text) => text.includes("keysieve.node"));
  rmSync(log);
  console.log(`valgrind: ${ours.length} complaints about the addon, of ${complaints.length} paragraphs`);
  if (ours.length > 0) throw new Error(ours.join("\n\n"));
}

if (process.argv[2] === "watch") watch();
else everything();
