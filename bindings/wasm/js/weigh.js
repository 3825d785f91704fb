// Tells what a page downloads of the package, compressed with brotli, and
// fails where one build and all rules are more than the budget:
// `node weigh.js PACKAGE BUDGET`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const [folder, budget] = process.argv.slice(2);
const weight = (name) => brotliCompressSync(readFileSync(join(folder, name))).length;

let heaviest = 0;
for (const name of ["simd128", "plain"]) {
  const parts = ["index.js", "api.js", `${name}.js`, `${name}.wasm.js`].map(weight);
  const all = parts.reduce((sum, part) => sum + part, 0);
  const alone = weight(`${name}.wasm`);
  console.log(`${name}: ${all} bytes of brotli in all; the module alone ${alone}`);
  heaviest = Math.max(heaviest, all);
}
console.log(`the budget is ${budget} bytes`);
process.exitCode = heaviest > Number(budget) ? 1 : 0;
