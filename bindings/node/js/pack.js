// Puts the npm packages together: `node pack.js ROOT TO VERSION
// ADDON PROGRAM [WASM]`: the package, and that of the platform beside it.
"use strict";

const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const [root, to, version, addon, program, wasm] = process.argv.slice(2);
const { platform } = require("./native.js");
const ours = join(root, "bindings/node/js");
const whole = join(to, "keysieve");
const native = join(to, `keysieve-${platform()}`);
for (const folder of [whole, native]) mkdirSync(folder, { recursive: true });

const read = (...path) => readFileSync(join(...path), "utf8");
const write = (name, text) => writeFileSync(join(whole, name), text);

// One copy of the API for `import` and `require`: both see the same classes.
const api = read(root, "bindings/api.js");
const names = [...api.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name);
const hidden = new Set(["bind", "Scanner"]);
const more = ["load", "loadControls", "compileRules", "Redactor", "RedactTransform"];
const shown = [...names.filter((name) => !hidden.has(name)), ...more];
const body = api.replace(/^export (class|function)/gm, "$1") + "\n" + read(ours, "node.js");
const members = [...shown, "Scanner: NodeScanner", "forLogger"].join(", ");
write("index.cjs", `"use strict";\n${body.replaceAll("@VERSION@", version)}\nmodule.exports = { ${members} };\n`);
write("index.mjs", `import all from "./index.cjs";\nawait all.load();\nexport const { Scanner, ${shown.join(", ")} } = all;\n`);

const types = read(ours, "index.d.ts");
copyFileSync(join(root, "bindings/api.d.ts"), join(whole, "api.d.ts"));
copyFileSync(join(root, "bindings/api.d.ts"), join(whole, "api.d.mts"));
write("index.d.ts", types);
write("index.d.mts", types.replaceAll('"./api.js"', '"./api.mjs"'));
for (const name of ["native", "fallback", "write"]) copyFileSync(join(ours, `${name}.js`), join(whole, `${name}.cjs`));
for (const name of ["pino", "winston", "console"]) {
  for (const end of ["js", "d.ts"]) copyFileSync(join(ours, `${name}.${end}`), join(whole, `${name}.${end}`));
}
copyFileSync(join(ours, "bin.js"), join(whole, "bin.js"));
copyFileSync(join(ours, "README.md"), join(whole, "README.md"));
if (wasm) {
  mkdirSync(join(whole, "wasm"));
  for (const name of ["simd128.js", "simd128.wasm", "controls.pack"]) copyFileSync(join(wasm, name), join(whole, "wasm", name));
  copyFileSync(join(ours, "raw.mjs"), join(whole, "wasm/raw.mjs"));
  write("wasm/package.json", '{ "type": "module" }\n');
}

const manifest = JSON.parse(read(ours, "package.json"));
manifest.version = version;
manifest.optionalDependencies = Object.fromEntries(
  ["linux-x64-gnu", "linux-arm64-gnu", "linux-x64-musl", "darwin-arm64", "darwin-x64", "win32-x64-msvc"].map((name) => [
    `keysieve-${name}`,
    version,
  ]),
);
write("package.json", JSON.stringify(manifest, null, 2) + "\n");

const ending = process.platform === "win32" ? ".exe" : "";
copyFileSync(addon, join(native, "keysieve.node"));
copyFileSync(program, join(native, `keysieve${ending}`));
const { libc, ...place } = {
  os: [process.platform],
  cpu: [process.arch],
  libc: process.platform === "linux" ? [platform().endsWith("gnu") ? "glibc" : "musl"] : undefined,
};
writeFileSync(
  join(native, "package.json"),
  JSON.stringify(
    {
      name: `keysieve-${platform()}`,
      version,
      description: "The native half of keysieve",
      license: manifest.license,
      ...place,
      ...(libc && { libc }),
      main: "./keysieve.node",
    },
    null,
    2,
  ) + "\n",
);
for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  for (const folder of [whole, native]) copyFileSync(join(root, name), join(folder, name));
}
