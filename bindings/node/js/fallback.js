// Where no addon was built for the platform, WebAssembly gives the same
// findings: more slowly, and in the thread that asks.
"use strict";

const { readFile, readdir, stat } = require("node:fs/promises");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

async function load() {
  if (!existsSync(join(__dirname, "wasm"))) {
    throw new Error("keysieve has neither an addon for this platform nor WebAssembly");
  }
  const { start } = await import("./wasm/raw.mjs");
  const raw = await start();
  return { ...raw, RawScanner: withJobs(raw.RawScanner), RawJob, walk, compileRules };
}

class RawJob {
  cancel() {}
}

const withJobs = (RawScanner) =>
  class extends RawScanner {
    async scanAsync(bytes) {
      return this.scan(bytes);
    }
    async scanFile(path) {
      const bytes = await readFile(path);
      const content = bytes.subarray(0, 8192).includes(0) ? "binary" : "text";
      return `{"content":"${content}","bytes":${bytes.length},"findings":${this.scan(bytes)}}`;
    }
    redactor(options) {
      const same = (a, b) => a.length === b.length && Buffer.compare(a, b) === 0;
      const cleanBytes = (bytes) => {
        const clean = this.redact(bytes, options);
        return same(clean, bytes) ? null : clean;
      };
      const clean = (text) => {
        const bytes = cleanBytes(Buffer.from(text));
        return bytes && Buffer.from(bytes).toString();
      };
      return { clean, cleanBytes };
    }
  };

async function walk(roots) {
  const all = [];
  for (const root of roots) {
    const visit = async (path, it) => {
      if (it.isDirectory()) {
        for (const name of await readdir(path)) {
          if (name !== ".git") await visit(join(path, name), await stat(join(path, name)));
        }
      } else if (it.isFile()) all.push([path, it.size, null]);
    };
    await stat(root).then((it) => visit(root, it)).catch((error) => all.push([root, 0, error.message]));
  }
  return JSON.stringify(all);
}

function compileRules() {
  throw new Error("rules as TOML need the addon: compile them to a pack with `keysieve rules build`");
}

module.exports = { load };
