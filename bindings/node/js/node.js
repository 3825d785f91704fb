// What Node has beyond `api.js`, which stands in front of this in one file.

const { Transform } = require("node:stream");
const { availableParallelism } = require("node:os");
const { fileURLToPath } = require("node:url");
const native = require("./native.cjs");

const addon = native.addon();
if (addon) bind(addon, { version: "@VERSION@", build: "native" });

/** Makes the engine ready: at once where the addon runs, else WebAssembly. */
async function load() {
  if (!raw) bind(await require("./fallback.cjs").load(), { version: "@VERSION@", build: "wasm" });
}

/** Whichever engine it is, it has the controls. */
const loadControls = load;

/** The bytes of a text, in memory that no other thread writes. */
function still(text) {
  const bytes = bytesOf(text);
  return bytes.buffer instanceof SharedArrayBuffer ? new Uint8Array(bytes) : bytes;
}

/** Starts a job that the signal cancels. */
async function promised(signal, start) {
  signal?.throwIfAborted();
  const job = new (ready().RawJob)();
  const work = start(job);
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => {
      job.cancel();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    const done = (settle) => (value) => {
      signal.removeEventListener("abort", abort);
      settle(value);
    };
    work.then(done(resolve), done(reject));
  });
}

const pathOf = (path) => (path instanceof URL ? fileURLToPath(path) : String(path));

/** The pack of rules that are written as TOML. */
function compileRules(text, name = "rules.toml") {
  return ready().compileRules([name], [text]);
}

class NodeScanner extends Scanner {
  constructor(given = {}) {
    const rules = [given.rules ?? []].flat();
    super({ ...given, rules: rules.map((it) => (typeof it === "string" ? compileRules(it) : it)) });
  }
  scan(text) {
    return super.scan(still(text));
  }
  review(text, path) {
    return super.review(still(text), path);
  }
  redact(text, given) {
    return super.redact(typeof text === "string" ? text : still(text), given);
  }
  async scanAsync(text, { signal } = {}) {
    const bytes = still(text);
    return JSON.parse(await promised(signal, (job) => Owned.raw(this).scanAsync(bytes, job)));
  }
  async scanFile(path, { signal } = {}) {
    const name = pathOf(path);
    const told = await promised(signal, (job) => Owned.raw(this).scanFile(name, job));
    return { path: name, ...JSON.parse(told) };
  }
  scanFiles(paths, given = {}) {
    return new FileScan(OWN, this, [paths].flat().map(pathOf), given);
  }
  redactor(given) {
    return new Redactor(OWN, Owned.raw(this).redactor(options(given)));
  }
}
Object.defineProperty(NodeScanner, "name", { value: "Scanner" });

/** Texts up to this length go through memory that the addon shares, in UTF-16 units. */
const SHORT = 4096;

/** Cleans a text by way of that memory; a longer one by itself. */
function cleanerOf(raw) {
  const shared = Buffer.allocUnsafeSlow(SHORT * 3);
  const clean = raw.cleaner(shared);
  return (text) =>
    text.length > SHORT ? raw.clean(text) : clean(encoder.encodeInto(text, shared).written);
}

/** Cleans texts that each stand alone. */
class Redactor extends Owned {
  #clean;
  constructor(key, raw) {
    own(key);
    super(raw);
    this.#clean = raw.cleaner ? cleanerOf(raw) : (text) => raw.clean(text);
  }
  clean(text) {
    const raw = Owned.raw(this);
    const clean = typeof text === "string" ? this.#clean(text) : raw.cleanBytes(still(text));
    return clean ?? text;
  }
}

/** The findings in files, as they come; what could not be read in `problems`. */
class FileScan {
  #scanner;
  #paths;
  #given;
  problems = [];
  constructor(key, scanner, paths, given) {
    own(key);
    this.#scanner = scanner;
    this.#paths = paths;
    this.#given = given;
  }
  async *[Symbol.asyncIterator]() {
    const { signal, concurrency = availableParallelism(), onProgress } = this.#given;
    const walked = JSON.parse(await promised(signal, (job) => raw.walk(this.#paths, job)));
    const files = walked.filter(([, , problem]) => problem === null);
    for (const [path, , message] of walked) if (message !== null) this.problems.push({ path, message });
    const allBytes = files.reduce((sum, [, bytes]) => sum + bytes, 0);
    const progress = { files: 0, allFiles: files.length, bytes: 0, allBytes };
    const running = new Map();
    let next = 0;
    const start = () => {
      const [path, bytes] = files[next++];
      const told = (findings, problem) => ({ path, bytes, findings, problem });
      const scan = this.#scanner.scanFile(path, { signal }).then(
        ({ findings }) => told(findings),
        (error) => {
          signal?.throwIfAborted();
          return told([], error.message);
        },
      );
      scan.catch(() => {});
      running.set(path, scan);
    };
    while (running.size > 0 || next < files.length) {
      while (running.size < Math.max(1, concurrency) && next < files.length) start();
      const { path, bytes, findings, problem } = await Promise.race(running.values());
      running.delete(path);
      progress.files += 1;
      progress.bytes += bytes;
      if (problem !== undefined) this.problems.push({ path, message: problem });
      onProgress?.({ ...progress });
      for (const finding of findings) yield { path, ...finding };
    }
  }
}

/** Takes secrets out of a stream, with back pressure. */
class RedactTransform extends Transform {
  #raw;
  constructor(scanner, given, streamOptions) {
    super(streamOptions);
    this.#raw = Owned.raw(scanner).redactStream(options(given));
    this.summary = undefined;
  }
  _transform(chunk, _encoding, done) {
    done(null, this.#raw.push(chunk));
  }
  _flush(done) {
    const rest = this.#raw.finish();
    this.summary = JSON.parse(this.#raw.summary());
    done(null, rest);
  }
}

/** What loggers clean with: a redactor of single texts, or of a stream. */
function forLogger({ scanner = {}, ...given } = {}) {
  const whole = scanner instanceof NodeScanner ? scanner : new NodeScanner(scanner);
  return {
    redactor: () => whole.redactor(given),
    stream: () => Owned.raw(whole).redactStream(options(given)),
  };
}
