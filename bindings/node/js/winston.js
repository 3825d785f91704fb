// For winston: a format, to be put last. It cleans the line that was made
// (`format.json()`, `format.printf()`) and the fields of the record.
"use strict";

const { forLogger } = require("./index.cjs");

const MESSAGE = Symbol.for("message");
const isPlain = (value) => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Cleans values of any kind; each with its name, which may give it away. */
class Cleaner {
  #redactor;
  #seen = new Map();
  constructor(redactor) {
    this.#redactor = redactor;
  }
  /** The member under its clean name. */
  member(key, value) {
    const leaf = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
    const told = leaf ? (typeof value === "bigint" ? String(value) : value) : null;
    const json = JSON.stringify({ [key]: told });
    const clean = this.#redactor.clean(json);
    if (clean === json) return [key, leaf ? value : this.value(value)];
    const [[name, cleaned]] = Object.entries(JSON.parse(clean));
    return [name, leaf ? cleaned : this.value(value)];
  }
  value(value) {
    if (typeof value === "string") return this.#redactor.clean(value);
    if (typeof value !== "object" || value === null || value instanceof Date) return value;
    if (this.#seen.has(value)) return this.#seen.get(value);
    if (value instanceof Uint8Array) return this.#redactor.clean(value);
    if (Array.isArray(value)) return this.#into(value, [], (to) => to.push(...value.map((it) => this.value(it))));
    if (value instanceof Map) {
      return this.#into(value, new Map(), (to) => value.forEach((it, key) => to.set(...this.member(key, it))));
    }
    if (value instanceof Set) return this.#into(value, new Set(), (to) => value.forEach((it) => to.add(this.value(it))));
    if (typeof value.toJSON === "function" && !(value instanceof Error)) return this.value(value.toJSON());
    const to = isPlain(value) ? {} : Object.create(Object.getPrototypeOf(value));
    return this.#into(value, to, () => this.members(value, to));
  }
  /** All own members; those of an error that are not listed, too. */
  members(from, to) {
    const hidden = from instanceof Error ? ["message", "stack", "cause", "errors"] : [];
    for (const key of new Set([...Object.keys(from), ...hidden.filter((key) => Object.hasOwn(from, key))])) {
      const [name, value] = this.member(key, from[key]);
      const enumerable = Object.prototype.propertyIsEnumerable.call(from, key);
      Object.defineProperty(to, name, { value, enumerable, writable: true, configurable: true });
    }
  }
  #into(value, to, fill) {
    this.#seen.set(value, to);
    fill(to);
    return to;
  }
}

/** What winston needs of the level to sort a record out. */
const KEPT = new Set(["level"]);

function redact(options) {
  const redactor = forLogger(options).redactor();
  return {
    options,
    transform(info) {
      const cleaner = new Cleaner(redactor);
      const clean = {};
      for (const symbol of Object.getOwnPropertySymbols(info)) clean[symbol] = info[symbol];
      for (const key of Object.keys(info)) {
        const [name, value] = KEPT.has(key) ? [key, info[key]] : cleaner.member(key, info[key]);
        clean[name] = value;
      }
      const splat = Symbol.for("splat");
      if (clean[splat]) clean[splat] = cleaner.value(clean[splat]);
      if (typeof info[MESSAGE] === "string") clean[MESSAGE] = redactor.clean(info[MESSAGE]);
      return clean;
    },
  };
}

module.exports = redact;
module.exports.default = redact;
