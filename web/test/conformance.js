// Runs the shared table of cases (tests/README.md) against a package with the
// API of bindings/api.d.ts. Nothing here is particular to an engine or a host.

const LARGE = 20_000;
const MOST_SHIFT = 64;
const encoder = new TextEncoder();

export function fromHex(text) {
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = parseInt(text.substr(2 * at, 2), 16);
  return bytes;
}

const harmless = (distance) => (distance % 2 === 0 ? 10 : 46);

function placed(input, front, behind) {
  const bytes = new Uint8Array(front + input.length + behind);
  for (let at = 0; at < front; at++) bytes[at] = harmless(front - 1 - at);
  bytes.set(input, front);
  for (let at = 0; at < behind; at++) bytes[front + input.length + at] = harmless(at);
  return bytes;
}

/** What differs, without a byte of the input; nothing where nothing does. */
function difference(found, expect, front) {
  if (found.length !== expect.length) return `${found.length} findings instead of ${expect.length}`;
  for (const [index, want] of expect.entries()) {
    const is = found[index];
    const same =
      is.rule === want.rule &&
      is.startByte === want.startByte + front &&
      is.endByte === want.endByte + front &&
      is.confidence === want.confidence &&
      (want.reasons === null || is.reasons.join() === want.reasons.join());
    if (!same) {
      return `finding ${index}: ${is.rule} ${is.confidence} at ${is.startByte - front}..${is.endByte - front} (${is.reasons}) instead of ${JSON.stringify(want)}`;
    }
  }
}

function streamed(scanner, bytes, size) {
  const stream = scanner.stream();
  const found = [];
  for (let at = 0; at < bytes.length; at += size) {
    found.push(...stream.push(bytes.subarray(at, at + size)));
  }
  return found.concat(stream.finish());
}

/** Units and lines of a text agree with its bytes. */
function misplaced(bytes, findings) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return;
  }
  for (const f of findings) {
    const before = text.slice(0, f.startUtf16);
    const lines = before.split("\n");
    const right =
      encoder.encode(before).length === f.startByte &&
      encoder.encode(text.slice(0, f.endUtf16)).length === f.endByte &&
      lines.length === f.line &&
      lines.at(-1).length + 1 === f.column;
    if (!right) return `units or lines of ${f.rule} at ${f.startByte} are wrong`;
  }
}

/** A redaction touches what is near a secret and nothing else, and once. */
function unclean(scanner, bytes, findings) {
  const options = { mask: "same-length" };
  const clean = scanner.redact(bytes, options);
  if (scanner.redact(clean, options).join() !== clean.join()) return "a second pass changes more";
  if (clean.length !== bytes.length) return; // a number of JSON has got quotes
  for (const { startByte, endByte } of findings) {
    if (bytes.subarray(startByte, endByte).join() === clean.subarray(startByte, endByte).join()) {
      return "a secret is left";
    }
  }
  // An escape is replaced whole, so a mask may begin before its secret.
  const near = (at) => findings.some((f) => at >= f.startByte - 64 && at < f.endByte + 64);
  for (let at = 0; at < bytes.length; at++) {
    if (clean[at] !== bytes[at] && !near(at)) return "redaction touched what is no secret";
  }
}

/** The text, put together by edits, has the findings of the whole. */
function edited(scanner, bytes, expect) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return;
  }
  const [third, half] = [Math.floor(text.length / 3), Math.floor(text.length / 2)];
  const document = scanner.document(text.slice(0, third) + text.slice(half));
  document.findings;
  document.update({ startUtf16: third, endUtf16: third, text: text.slice(third, half) });
  const wrong = difference(document.findings, expect, 0);
  if (document.text !== text) return "the edited text is another";
  document.free();
  return wrong && `edited: ${wrong}`;
}

function judge(scanner, row) {
  const input = fromHex(row.input_hex);
  const small = input.length <= LARGE;
  const whole = scanner.scan(input);
  const wrong =
    difference(whole, row.expect, 0) ??
    difference(streamed(scanner, input, small ? 7 : 65536), row.expect, 0) ??
    misplaced(input, whole) ??
    edited(scanner, input, row.expect);
  if (wrong || !small || row.as_is) return wrong;
  for (let shift = 0; shift <= MOST_SHIFT; shift++) {
    const bytes = placed(input, shift, MOST_SHIFT - shift);
    const how = shift % 8 === 0 ? streamed(scanner, bytes, 1 + shift) : scanner.scan(bytes);
    const wrong = difference(how, row.expect, shift);
    if (wrong) return `at ${shift}: ${wrong}`;
  }
  return unclean(scanner, input, whole);
}

/** The controls that a file leaves out are those of the oracle, and its findings those of a scan. */
function reviewed(scanner, { path, input_hex, expect }) {
  const input = fromHex(input_hex);
  const { findings, controls, assessed } = scanner.review(input, path);
  const parts = ({ rule, startByte, endByte, severity, fingerprint }) => [rule, startByte, endByte, severity, fingerprint];
  const [told, wanted] = [controls.map(parts), expect.map(parts)].map((all) => JSON.stringify(all));
  if (!assessed) return "it was not assessed";
  if (told !== wanted) return `${told} instead of ${wanted}`;
  if (JSON.stringify(findings) !== JSON.stringify(scanner.scan(input))) return "a review and a scan differ";
  return misplaced(input, controls);
}

/** Every case; tells how many passed and what went wrong. */
export async function conformance({ Scanner, loadControls }, table) {
  await loadControls();
  const scanners = new Map();
  const scannerOf = (pack) => {
    if (!scanners.has(pack)) {
      const rules = pack === "builtin" ? {} : { builtin: false, rules: fromHex(table.packs[pack]) };
      scanners.set(
        pack,
        new Scanner({ ...rules, minConfidence: "weak", inlineAllow: false, now: null }),
      );
    }
    return scanners.get(pack);
  };
  const wrong = [];
  for (const row of table.cases) {
    const message = judge(scannerOf(row.pack), row);
    if (message) wrong.push(`${row.name}: ${message}`);
  }
  for (const row of table.reviews) {
    const message = reviewed(scannerOf("builtin"), row);
    if (message) wrong.push(`${row.path}: ${message}`);
  }
  return { passed: table.cases.length + table.reviews.length - wrong.length, wrong };
}
