#!/usr/bin/env node
// Runs the program of this platform's package with the same arguments, input
// and output, and ends as it ends.
"use strict";

const { spawn } = require("node:child_process");
const { platform, program } = require("./native.cjs");

const path = program();
if (!path) {
  console.error(`keysieve: there is no program for ${platform()}`);
  process.exit(2);
}
const child = spawn(path, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`keysieve: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (!signal) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
