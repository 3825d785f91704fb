import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(at("../dist/wasm/package.json"), "utf8"));

/** What the page may do: no request at all, from the first moment on. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // The editor makes its own sheets; a sheet of anybody else has no such word.
  "style-src 'self' 'nonce-keysieve'",
  "img-src 'self' data:",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Tells the service worker what to keep, and the page what it may do. */
const offline = {
  name: "offline",
  transformIndexHtml: (html) => html.replace("%POLICY%", POLICY),
  generateBundle(_options, bundle) {
    const files = Object.keys(bundle).filter((name) => name !== "sw.js");
    const source = readFileSync(at("src/sw.js"), "utf8");
    const kept = ["./", "icon.svg", "page.webmanifest", ...files.filter((name) => name !== "index.html")];
    this.emitFile({
      type: "asset",
      fileName: "sw.js",
      source: source.replace("__FILES__", JSON.stringify(kept)).replace("__VERSION__", JSON.stringify(version)),
    });
  },
};

export default defineConfig({
  base: "./",
  publicDir: at("public"),
  resolve: {
    alias: [
      { find: /^keysieve$/, replacement: at("../dist/wasm/index.js") },
      { find: /^keysieve\/codemirror$/, replacement: at("../dist/wasm/codemirror.js") },
      // The package lies outside of this folder, and the editor must be one.
      { find: /^@codemirror\/(state|view)$/, replacement: at("node_modules/@codemirror/") + "$1" },
    ],
  },
  worker: { format: "es" },
  build: { outDir: at("../dist/web"), emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 4096, modulePreload: false },
  plugins: [offline],
});
