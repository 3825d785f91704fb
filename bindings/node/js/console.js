// Cleans what the process writes to standard output and standard error. What
// Node itself prints of an error that nobody caught does not pass here.
"use strict";

const { writeSync } = require("node:fs");
const { forLogger } = require("./index.cjs");
const { writeAll } = require("./write.cjs");

/**
 * From now on `process.stdout` and `process.stderr` write clean bytes. A line
 * goes out when it is complete; what is held goes out at exit. Gives a
 * function that ends it.
 */
function protect({ streams = [process.stdout, process.stderr], ...options } = {}) {
  const { stream: redact } = forLogger(options);
  const ends = streams.map((stream) => patch(stream, redact()));
  return () => ends.forEach((end) => end());
}

function patch(stream, redact) {
  const own = Object.getOwnPropertyDescriptor(stream, "write");
  const write = stream.write;
  stream.write = function (chunk, encoding, done) {
    if (typeof encoding === "function") [encoding, done] = [undefined, encoding];
    const clean = redact.push(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    if (clean.length > 0) return write.call(stream, clean, done);
    if (done) process.nextTick(done);
    return true;
  };
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    process.off("exit", end);
    if (own) Object.defineProperty(stream, "write", own);
    else delete stream.write;
    const rest = redact.finish();
    if (rest.length > 0) typeof stream.fd === "number" ? writeAll(writeSync, stream.fd, rest) : write.call(stream, rest);
  };
  process.on("exit", end);
  return end;
}

module.exports = protect;
module.exports.default = protect;
