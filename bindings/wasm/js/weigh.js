// Tells what a page downloads of the package, compressed with brotli, and
// fails where one build and all rules are more than the budget:
// `node weigh.js PACKAGE BUDGET`.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const [folder, budget] = process.argv.slice(2);
const weight = (name) => brotliCompressSync(readFileSync(join(folder, name))).length;
const kb = (bytes) => (bytes / 1000).toFixed(0);

let heaviest = 0;
const told = ["simd128", "plain"].map((name) => {
  const parts = ["index.js", "api.js", `${name}.js`, `${name}.wasm.js`].map(weight);
  const all = parts.reduce((sum, part) => sum + part, 0);
  heaviest = Math.max(heaviest, all);
  return `${name} ${kb(all)} KB (its module alone ${kb(weight(`${name}.wasm`))})`;
});
const controls = kb(weight("controls.pack.js"));
console.log(`Of brotli, all rules included: ${told.join(", ")}; the budget is ${kb(budget)} KB. A page that reviews loads the controls too, ${controls} KB.`);
if (heaviest > Number(budget)) {
  console.error(`the package has ${heaviest} bytes of brotli, above its budget of ${budget}`);
  process.exitCode = 1;
}
