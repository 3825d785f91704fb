// The WebAssembly package: loads one of its two builds and hands it to the
// API. Each build is a JavaScript module that carries its bytes, so that no
// bundler needs a setting and no page a request beside its scripts.
import { bind } from "./api.js";

export { Baseline, Document, RedactStream, ScanStream, Scanner, engine } from "./api.js";

/** A function with an instruction of simd128: valid where that is there. */
const SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // magic, version
  1, 5, 1, 96, 0, 1, 123, // a type: () -> v128
  3, 2, 1, 0, // a function of it
  10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11, // i32.const 0, i8x16.splat, i8x16.popcnt
);

let loading;
let raw;

export function load(options = {}) {
  loading ??= start(options).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function start({ simd = WebAssembly.validate(SIMD), module }) {
  const build = await (simd ? import("./simd128.js") : import("./plain.js"));
  await build.default({ module_or_path: module ?? (await bytesOf(simd)) });
  raw = build;
  bind(build, { version: "@VERSION@", build: simd ? "simd128" : "plain" });
}

export async function loadControls() {
  await load();
  const { default: carried } = await import("./controls.pack.js");
  raw.openControls(bytesIn(carried));
}

async function bytesOf(simd) {
  const { default: carried } = await (simd ? import("./simd128.wasm.js") : import("./plain.wasm.js"));
  return bytesIn(carried);
}

function bytesIn(carried) {
  const bytes = new Uint8Array(carried.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = carried.charCodeAt(at);
  return bytes;
}
