// The addon of this platform: beside this file in a build of one's own, or in
// the optional package that npm has chosen; none where nothing was built.
"use strict";

const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");

/** `linux-x64-gnu` and its kin, as napi-rs names them. */
function platform() {
  const { platform, arch } = process;
  if (platform === "win32") return `${platform}-${arch}-msvc`;
  if (platform !== "linux") return `${platform}-${arch}`;
  return `linux-${arch}-${hasGlibc() ? "gnu" : "musl"}`;
}

/** Asked without the names of network peers, for which a report would wait. */
function hasGlibc() {
  const { report } = process;
  const before = report.excludeNetwork;
  report.excludeNetwork = true;
  const { header } = report.getReport();
  report.excludeNetwork = before;
  return Boolean(header.glibcVersionRuntime);
}

/** The folder of the platform's package, or undefined. */
function folder() {
  const name = platform();
  const beside = join(__dirname, name);
  if (existsSync(join(beside, "keysieve.node"))) return beside;
  try {
    return dirname(require.resolve(`keysieve-${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** The addon, or undefined. `KEYSIEVE_WASM=1` asks for none. */
function addon() {
  const from = process.env.KEYSIEVE_WASM === "1" ? undefined : folder();
  return from && require(join(from, "keysieve.node"));
}

/** The path of the program, or undefined. */
function program() {
  const from = folder();
  const path = from && join(from, process.platform === "win32" ? "keysieve.exe" : "keysieve");
  return path && existsSync(path) ? path : undefined;
}

module.exports = { addon, platform, program };
