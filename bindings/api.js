// What `api.d.ts` tells, over any raw engine: the WebAssembly module or the
// Node addon. A raw engine takes bytes of UTF-8 and JSON and gives them.

/** The raw engine; none before it is loaded. */
let raw;
let info;

/** Called once by the package that has an engine. */
export function bind(engine, about) {
  raw = engine;
  info = about;
}

export function engine() {
  ready();
  return { ...info };
}

function ready() {
  if (!raw) throw new Error("keysieve is not loaded: `await load()` first");
  return raw;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function bytesOf(text) {
  if (typeof text === "string") return encoder.encode(text);
  if (text instanceof Uint8Array) return text;
  throw new TypeError("a text is a string or a Uint8Array");
}

function scannerJson({ rules: _, now, ...options }) {
  const clock = now === undefined ? new Date() : now;
  if (clock) options.now = Math.floor(clock.getTime() / 1000);
  return JSON.stringify(options);
}

function packsOf(rules) {
  if (!rules) return [];
  return rules instanceof Uint8Array ? [rules] : [...rules];
}

function joined(pieces) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const options = (given) => (given ? JSON.stringify(given) : "");

/** Makes what only this file may make. */
const OWN = Symbol();

class Owned {
  #raw;
  constructor(raw) {
    this.#raw = raw;
  }
  /** The raw object of anything here; not for users. */
  static raw(owner) {
    if (!owner.#raw) throw new Error("it was freed, or has ended");
    return owner.#raw;
  }
  free() {
    this.#raw?.free?.();
    this.#raw = undefined;
  }
}

function own(key) {
  if (key !== OWN) throw new TypeError("made by a Scanner, not by `new`");
}

export class Scanner extends Owned {
  constructor(given = {}) {
    const packs = packsOf(given.rules);
    const lengths = Uint32Array.from(packs, (pack) => pack.length);
    super(new (ready().RawScanner)(scannerJson(given), joined(packs), lengths));
  }
  scan(text) {
    return JSON.parse(Owned.raw(this).scan(bytesOf(text)));
  }
  review(text, path) {
    return JSON.parse(Owned.raw(this).review(bytesOf(text), String(path)));
  }
  redact(text, given) {
    const clean = Owned.raw(this).redact(bytesOf(text), options(given));
    return typeof text === "string" ? decoder.decode(clean) : clean;
  }
  stream() {
    return new ScanStream(OWN, Owned.raw(this).stream());
  }
  document(text) {
    return new Document(OWN, Owned.raw(this).document(bytesOf(text)), text);
  }
  rules() {
    return JSON.parse(Owned.raw(this).rules());
  }
}

export class ScanStream extends Owned {
  constructor(key, raw) {
    own(key);
    super(raw);
  }
  push(chunk) {
    return JSON.parse(Owned.raw(this).push(chunk));
  }
  finish() {
    const rest = JSON.parse(Owned.raw(this).finish());
    this.free();
    return rest;
  }
}

const isHigh = (unit) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit) => unit >= 0xdc00 && unit <= 0xdfff;

export class Document extends Owned {
  #text;
  #findings;
  constructor(key, raw, text) {
    own(key);
    super(raw);
    this.#text = text;
  }
  get text() {
    return this.#text;
  }
  get findings() {
    this.#findings ??= JSON.parse(Owned.raw(this).findings());
    return this.#findings;
  }
  update(edits) {
    for (const edit of Array.isArray(edits) ? edits : [edits]) this.#edit(edit);
    this.#findings = undefined;
    return this.findings;
  }
  /**
   * The engine holds UTF-8, where half a surrogate pair is U+FFFD. So an edit
   * that cuts or makes a pair takes the other half with it.
   */
  #edit({ startUtf16: start, endUtf16: end, text }) {
    const before = this.#text;
    if (!(start >= 0 && start <= end && end <= before.length)) {
      throw new RangeError("the edit is not inside of the text");
    }
    let [from, to, put] = [start, end, text];
    if (isHigh(before.charCodeAt(from - 1))) put = before[--from] + put;
    if (isLow(before.charCodeAt(to))) put += before[to++];
    Owned.raw(this).update(from, to, put);
    this.#text = before.slice(0, start) + text + before.slice(end);
  }
}

export class RedactStream {
  constructor(scanner, given) {
    const raw = Owned.raw(scanner).redactStream(options(given));
    const give = (bytes, controller) => bytes.length > 0 && controller.enqueue(bytes);
    let half = "";
    let settle;
    this.summary = new Promise((resolve) => (settle = resolve));
    const stream = new TransformStream({
      transform(chunk, controller) {
        let text = chunk;
        if (typeof chunk === "string") {
          text = half + chunk;
          half = isHigh(text.charCodeAt(text.length - 1)) ? text.slice(-1) : "";
          text = half ? text.slice(0, -1) : text;
        } else if (half) {
          give(raw.push(bytesOf(half)), controller);
          half = "";
        }
        give(raw.push(bytesOf(text)), controller);
      },
      flush(controller) {
        if (half) give(raw.push(bytesOf(half)), controller);
        give(raw.finish(), controller);
        settle(JSON.parse(raw.summary()));
        raw.free?.();
      },
    });
    this.readable = stream.readable;
    this.writable = stream.writable;
  }
}

export class Baseline extends Owned {
  constructor(file = "") {
    super(new (ready().RawBaseline)(file));
  }
  has({ fingerprint }) {
    return Owned.raw(this).has(fingerprint);
  }
  add({ fingerprint, rule }, path = "") {
    Owned.raw(this).add(fingerprint, rule, path);
  }
  remove({ fingerprint }) {
    return Owned.raw(this).remove(fingerprint);
  }
  get size() {
    return Owned.raw(this).size();
  }
  toString() {
    return Owned.raw(this).file();
  }
}
