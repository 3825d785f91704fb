// The package in Node: both builds run the table of cases, and what the types
// promise holds. Prints counts as cargo does.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { conformance } from "./conformance.js";
import { promises } from "./promises.js";

const [folder, table] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(table, "utf8"));
let failed = 0;

for (const simd of [true, false]) {
  // A query makes it another module, with an engine of its own.
  const url = pathToFileURL(`${folder}/index.js`);
  const api = await import(`${url}?simd=${simd}`);
  // Of the API there is one; the other build is bound to it in turn.
  if (simd) assert.throws(() => new api.Scanner(), /load/);
  await api.load({ simd });
  const build = simd ? "simd128" : "plain";
  assert.equal(api.engine().build, build);
  const results = [await conformance(api, cases), await promises(api)];
  for (const { passed, wrong } of results) {
    failed += wrong.length;
    wrong.forEach((message) => console.log(`${build}: ${message}`));
    const outcome = wrong.length ? "FAILED" : "ok";
    console.log(`test result: ${outcome}. ${passed} passed; ${wrong.length} failed; 0 ignored (Node, ${build})`);
  }
}
process.exit(failed ? 1 : 0);
