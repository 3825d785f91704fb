// For pino: a transport that runs in its worker thread, and a hook that runs
// where the line is made.
"use strict";

const { closeSync, openSync, writeSync } = require("node:fs");
const { Writable } = require("node:stream");
const { forLogger } = require("./index.cjs");
const { writeAll } = require("./write.cjs");

/**
 * `pino.transport({ target: "keysieve/pino", options: { destination: 1 } })`.
 * What is written is clean; what is still held is written at the end.
 */
function transport({ destination = 1, append = true, $context: _, pinoWillSendConfig: __, ...options } = {}) {
  const file = typeof destination === "string";
  const fd = file ? openSync(destination, append ? "a" : "w") : destination;
  const redact = forLogger(options).stream();
  const write = (clean) => writeAll(writeSync, fd, clean);
  return new Writable({
    write(chunk, _encoding, done) {
      write(redact.push(chunk));
      done();
    },
    final(done) {
      write(redact.finish());
      if (file) closeSync(fd);
      done();
    },
  });
}

/** `pino({ hooks: { streamWrite: streamWrite() } })`: each line by itself. */
function streamWrite(options) {
  const redactor = forLogger(options).redactor();
  return (line) => redactor.clean(line);
}

module.exports = transport;
module.exports.default = transport;
module.exports.streamWrite = streamWrite;
