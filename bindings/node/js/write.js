// Writing all of a buffer, also to a pipe that is full for a moment.
"use strict";

const pause = new Int32Array(new SharedArrayBuffer(4));

function writeAll(write, fd, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += write(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(pause, 0, 0, 2);
    }
  }
}

module.exports = { writeAll };
