// Bundles the extension: one script for the desktop, one for the web, and the
// worker of the web with the engine inside of it.
import { build } from "esbuild";
import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const engine = process.env.KEYSIEVE_WASM ?? join(here, "../../dist/wasm");

for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
  copyFileSync(join(here, "../..", name), join(here, name));
}

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
};

await Promise.all([
  build({
    ...common,
    entryPoints: ["src/desktop.ts"],
    outfile: "out/desktop.js",
    platform: "node",
    format: "cjs",
    target: "node18",
    external: ["vscode"],
  }),
  build({
    ...common,
    entryPoints: ["src/web.ts"],
    outfile: "out/web.js",
    platform: "browser",
    format: "cjs",
    target: "es2022",
    external: ["vscode"],
  }),
  build({
    ...common,
    entryPoints: ["src/worker.ts"],
    outfile: "out/worker.js",
    platform: "browser",
    format: "iife",
    target: "es2022",
    alias: { keysieve: join(engine, "index.js") },
    define: { "import.meta.url": '""' },
  }),
]);
