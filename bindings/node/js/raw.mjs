// The WebAssembly build as a raw engine; every Node that runs has simd128.
import { readFile } from "node:fs/promises";

export async function start() {
  const build = await import("./simd128.js");
  await build.default({ module_or_path: await readFile(new URL("./simd128.wasm", import.meta.url)) });
  build.openControls(await readFile(new URL("./controls.pack", import.meta.url)));
  return build;
}
