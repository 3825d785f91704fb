// The loggers of npm, as they are, behind keysieve.
"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const test = require("node:test");
const { load } = require("keysieve");
const { key, pem, pemLine } = require("./material.cjs");

const VALUE = "my very own value";
const ready = load();

/** Runs a program in a process of its own; gives what it printed. */
function printed(code) {
  const head = `
    const { key, pem } = require("./material.cjs");
    const VALUE = ${JSON.stringify(VALUE)};
    const { load } = require("keysieve");
    load().then(main);
  `;
  // pino looks for a target from the file that asks for it.
  const file = join(__dirname, "logs-something.cjs");
  writeFileSync(file, `${head}\n${code}`);
  const ended = spawnSync(process.execPath, [file], { cwd: __dirname });
  return { ...ended, out: String(ended.stdout), err: String(ended.stderr) };
}

/** No secret is in the text, and so many masks are. */
function clean(text, secrets) {
  for (const secret of [...secrets, VALUE, pemLine]) assert.ok(!text.includes(secret), "a secret is left");
}

const RECORDS = `
  const error = new Error("refused: " + key(3));
  error.token = key(4);
  logger.info("ключ 🔑 " + key(1) + " " + VALUE);
  logger.info({ user: { name: "Zoë", note: key(2), [key(5)]: "as a name" }, list: [key(6)] }, "an object");
  logger.error({ err: error }, "an error");
  logger.info({ pem }, "a key of several lines");
  logger.info("the end");
`;
const SECRETS = [1, 2, 3, 4, 5, 6].map(key);

for (const [name, make] of [
  ["hook", `pino({ hooks: { streamWrite: require("keysieve/pino").streamWrite({ values: [VALUE] }) } })`],
  ["transport", `pino(pino.transport({ target: "keysieve/pino", options: { values: [VALUE] } }))`],
]) {
  test(`pino: ${name}`, () => {
    const { out, err, status } = printed(`
      function main() {
        const pino = require("pino");
        const logger = ${make};
        ${RECORDS}
      }
    `);
    assert.equal(status, 0, err);
    clean(out + err, SECRETS);
    const lines = out.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ msg }) => msg).slice(1), ["an object", "an error", "a key of several lines", "the end"]);
    assert.match(lines[0].msg, /^ключ 🔑 \[REDACTED:[a-z-]+\] \[REDACTED:known-value\]$/);
    assert.equal(lines[1].user.name, "Zoë");
    assert.match(lines[2].err.stack, /refused: \[REDACTED/);
  });

  test(`pino: ${name}, a fatal record right before the exit`, () => {
    const { out, err, status } = printed(`
      function main() {
        const pino = require("pino");
        const logger = ${make};
        setTimeout(() => {
          for (let n = 0; n < 3000; n++) logger.info({ n, note: key(n) }, "a record");
          logger.fatal("the last " + key(1));
          process.exit(3);
        }, 300);
      }
    `);
    assert.equal(status, 3, err);
    const lines = out.trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, 3001);
    assert.ok(lines.slice(0, 3000).every((line, n) => line.n === n && line.note.startsWith("[REDACTED")));
    assert.match(lines[3000].msg, /^the last \[REDACTED/);
  });
}

test("pino: a transport that writes a file", async () => {
  await ready;
  const folder = mkdtempSync(join(tmpdir(), "keysieve-"));
  const destination = join(folder, "app.log");
  try {
    const { status, err } = printed(`
      function main() {
        const pino = require("pino");
        const logger = pino(pino.transport({ target: "keysieve/pino", options: { destination: ${JSON.stringify(destination)}, mask: "keyed", key: "some key of ours" } }));
        for (let n = 0; n < 10; n++) logger.info({ note: key(n % 2) });
      }
    `);
    assert.equal(status, 0, err);
    const notes = readFileSync(destination, "utf8").trim().split("\n").map((line) => JSON.parse(line).note);
    assert.equal(new Set(notes).size, 2, "one secret, one tag");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [name, format] of [
  ["json", `winston.format.combine(winston.format.errors({ stack: true }), winston.format.json(), redact)`],
  ["printf", `winston.format.combine(winston.format.printf((it) => it.level + " " + it.message + " " + JSON.stringify(it)), redact)`],
  ["before json", `winston.format.combine(winston.format.errors({ stack: true }), redact, winston.format.json())`],
]) {
  test(`winston: ${name}`, () => {
    const { out, err, status } = printed(`
      function main() {
        const winston = require("winston");
        const redact = require("keysieve/winston")({ values: [VALUE] });
        const logger = winston.createLogger({ format: ${format}, transports: [new winston.transports.Console()] });
        const error = new Error("refused: " + key(3));
        error.token = key(4);
        const round = { note: key(2), [key(5)]: "as a name", list: [key(6)], when: new Date(0) };
        logger.info("ключ 🔑 " + key(1) + " " + VALUE, { user: round, pem });
        logger.error(error);
        logger.info("the end");
      }
    `);
    assert.equal(status, 0, err);
    clean(out + err, SECRETS);
    assert.match(out, /ключ 🔑 \[REDACTED:[a-z-]+\] \[REDACTED:known-value\]/);
    assert.match(out, /the end/);
    assert.match(out, /1970-01-01T00:00:00\.000Z/);
    assert.equal(out.includes("refused: [REDACTED"), true);
  });
}

test("winston: records right before the exit", () => {
  const { out, err, status } = printed(`
    function main() {
      const winston = require("winston");
      const format = winston.format.combine(winston.format.json(), require("keysieve/winston")());
      const logger = winston.createLogger({ format, transports: [new winston.transports.Console()] });
      for (let n = 0; n < 2000; n++) logger.info("a record", { n, note: key(n) });
      logger.error("the last " + key(1));
      process.exit(3);
    }
  `);
  assert.equal(status, 3, err);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, 2001);
  assert.ok(lines.slice(0, 2000).every((line, n) => line.n === n && line.note.startsWith("[REDACTED")));
  assert.match(lines[2000].message, /^the last \[REDACTED/);
});

test("console: everything that is printed, and what stands at the end", () => {
  const { out, err, status } = printed(`
    function main() {
      require("keysieve/console")({ values: [VALUE] });
      console.log("ключ 🔑", key(1), VALUE);
      console.log({ note: key(2), [key(5)]: [key(6)] });
      console.error(new Error("refused: " + key(3)).stack);
      console.log(pem);
      const secret = key(4);
      process.stdout.write("in two " + secret.slice(0, 9));
      setTimeout(() => {
        process.stdout.write(secret.slice(9));
        process.stdout.write(Buffer.from(" halves, without an end"), () => process.exit(5));
      }, 50);
    }
  `);
  assert.equal(status, 5, err);
  clean(out + err, SECRETS);
  assert.match(out, /^ключ 🔑 \[REDACTED:[a-z-]+\] \[REDACTED:known-value\]\n/);
  assert.match(out, /in two \[REDACTED:[a-z-]+\] halves, without an end$/);
  assert.match(err, /refused: \[REDACTED/);
});

test("console: it ends when it is told to", () => {
  const { out } = printed(`
    function main() {
      const end = require("keysieve/console")();
      process.stdout.write("held");
      end();
      console.log(" and " + key(1));
    }
  `);
  assert.equal(out, `held and ${key(1)}\n`);
});
