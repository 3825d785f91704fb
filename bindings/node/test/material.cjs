// Made-up secrets, put together so that none stands here.
"use strict";

const { createHash } = require("node:crypto");

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** An access key id; the same number, the same id. */
function key(n) {
  const bytes = createHash("sha256").update(String(n)).digest();
  return ["AK", "IA"].join("") + [...bytes.subarray(0, 16)].map((byte) => letters[byte % 32]).join("");
}

const begin = ["-----BEGIN", "PRIVATE", "KEY-----"].join(" ");
const end = ["-----END", "PRIVATE", "KEY-----"].join(" ");
const line = (n) => createHash("sha512").update(String(n)).digest("base64").slice(0, 64);

/** A private key of several lines. */
const pem = [begin, ...Array.from({ length: 10 }, (_, n) => line(n)), end].join("\n");

module.exports = { key, pem, pemLine: line(3) };
