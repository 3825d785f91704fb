// Puts the npm package together: `node pack.js ROOT WORK PACKAGE VERSION`,
// where WORK holds each build's JavaScript half and module, and the controls.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [root, work, to, version] = process.argv.slice(2);
const bindings = join(root, "bindings");

for (const name of ["simd128", "plain"]) {
  copyFileSync(join(work, `${name}.js`), join(to, `${name}.js`));
  const module = readFileSync(join(work, `${name}.wasm`));
  writeFileSync(join(to, `${name}.wasm`), module);
  writeFileSync(join(to, `${name}.wasm.js`), carrier(module));
}

const controls = readFileSync(join(work, "controls.pack"));
writeFileSync(join(to, "controls.pack"), controls);
writeFileSync(join(to, "controls.pack.js"), carrier(controls));

const index = readFileSync(join(bindings, "wasm/js/index.js"), "utf8");
writeFileSync(join(to, "index.js"), index.replace("@VERSION@", version));
for (const name of ["api.js", "api.d.ts"]) copyFileSync(join(bindings, name), join(to, name));
for (const name of ["codemirror.js", "codemirror.d.ts", "README.md"]) {
  copyFileSync(join(bindings, "wasm/js", name), join(to, name));
}
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(root, name), join(to, name));

const manifest = JSON.parse(readFileSync(join(bindings, "wasm/js/package.json"), "utf8"));
writeFileSync(join(to, "package.json"), JSON.stringify({ ...manifest, version }, null, 2) + "\n");

/**
 * A script that carries bytes: each is the character of its number. For brotli
 * that is nearly as good as the bytes themselves; in base64 repeats of bytes
 * would no longer be repeats of characters.
 */
function carrier(bytes) {
  const escaped = { "\\": "\\\\", "`": "\\`", $: "\\$", "\r": "\\r" };
  const text = bytes.toString("latin1").replace(/[\\`$\r]/g, (letter) => escaped[letter]);
  return `export default \`${text}\`;\n`;
}
