// What bindings/api.d.ts promises besides findings, in any host.

const encoder = new TextEncoder();

/** A token that no text of this repository holds: it is made here. */
export function token() {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  let body = "";
  for (let state = 7; body.length < 30; ) {
    state = (state * 48271) % 2147483647;
    body += alphabet[state % 62];
  }
  // The last six characters are a checksum of the others.
  let crc = ~0;
  for (const byte of encoder.encode(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let sum = "";
  for (let rest = ~crc >>> 0, n = 0; n < 6; n++, rest = Math.floor(rest / 62)) {
    sum = base62[rest % 62] + sum;
  }
  return ["gh", "p_", body, sum].join("");
}

function same(is, want, what) {
  if (JSON.stringify(is) !== JSON.stringify(want)) throw new Error(`${what} is not as it should be`);
}

function throws(act, part) {
  try {
    act();
  } catch (error) {
    if (error.message.includes(part)) return;
    throw new Error(`the message of ${part} is another: ${error.message}`);
  }
  throw new Error(`${part} is not refused`);
}

const places = (findings) => findings.map((f) => [f.rule, f.startUtf16, f.endUtf16, f.line, f.column]);

const TESTS = {
  "a finding tells all of its fields and nothing of the secret"({ Scanner }) {
    const secret = token();
    const [found, ...more] = new Scanner({ now: null }).scan(`# 🔑\ngithub = "${secret}"\n`);
    same(more, [], "the number of findings");
    same([found.rule, found.confidence, found.line, found.column], ["github-pat-classic", "certain", 2, 11], "the finding");
    same([found.startUtf16, found.endUtf16, found.startByte], [15, 55, 17], "the units");
    same([found.masked, found.severity], [secret.slice(0, 4) + "********", "critical"], "mask and severity");
    same(found.reasons, ["shape", "checksum-valid"], "the reasons");
    same(found.credential.lifetime.kind, "static", "the lifetime");
    if (!found.credential.remedy.text) throw new Error("there is no remedy");
    const told = JSON.stringify(found);
    for (let at = 4; at + 8 <= secret.length; at++) {
      if (told.includes(secret.slice(at, at + 8))) throw new Error("a part of the secret is told");
    }
  },
  async "a review tells what code leaves out, with units, unless a comment allows it"({ Scanner, loadControls }) {
    await loadControls();
    const scanner = new Scanner();
    const code = "// 🔑\nconst claims = jwt.verify(token, key, { algorithms: [\"RS256\"], ignoreExpiration: true });\n";
    const { findings, controls, assessed } = scanner.review(code, "src/user.ts");
    same([findings.length, controls.length, assessed], [0, 1, true], "the review");
    const [missing] = controls;
    same([missing.line, missing.endLine, code.slice(missing.startUtf16, missing.endUtf16).includes("ignoreExpiration")], [2, 2, true], "the place");
    if (!/^AC-\d\d$/.test(missing.rule) || !missing.remedy || !missing.cwe[0].startsWith("CWE-")) throw new Error("fields are missing");
    const allowed = code.replace("\n", "\n// keysieve:allow-next-line " + missing.rule + " verified before\n");
    same(scanner.review(allowed, "src/user.ts").controls, [], "what a comment allows");
    same(scanner.review(code, "notes.unknown"), { findings: [], controls: [], assessed: false }, "a language that is not known");
    same(scanner.review(token(), "a.ts").findings.length, 1, "the findings of a review");
  },
  "empty texts, lone surrogates and broken bytes behave"({ Scanner }) {
    const scanner = new Scanner();
    same(scanner.scan(""), [], "nothing");
    same(scanner.scan(new Uint8Array()), [], "no bytes");
    same(scanner.redact(""), "", "the redaction of nothing");
    const text = `\ud800 a\udc00\n\ud83d${token()}`;
    const [found] = scanner.scan(text);
    same(text.slice(found.startUtf16, found.endUtf16), token(), "the text at the units");
    same([found.line, found.column], [2, 2], "the place");
    const broken = Uint8Array.from([0xff, 0xfe, 0x0a, ...encoder.encode(token()), 0x80]);
    same(scanner.scan(broken).length, 1, "the findings in broken bytes");
    same(scanner.redact("\ufeffa"), "\ufeffa", "a byte order mark");
    throws(() => scanner.scan(7), "a string or a Uint8Array");
  },
  "options are taken and mistakes are named"({ Scanner }) {
    const text = `k = "${token()}"`;
    same(new Scanner({ disable: ["github-*"] }).scan(text).length, 0, "without the rules");
    same(new Scanner({ builtin: false }).rules(), [], "no rules");
    const one = new Scanner().scan(text)[0].fingerprint;
    const other = new Scanner({ fingerprintKey: "mine" }).scan(text)[0].fingerprint;
    if (one === other) throw new Error("the key changes nothing");
    same(new Scanner().scan(`${text} # keysieve:allow github-* here`), [], "what is allowed");
    same(new Scanner({ inlineAllow: false }).scan(`${text} # keysieve:allow`).length, 1, "the strict scan");
    throws(() => new Scanner({ disable: ["no-such-rule"] }), "no rule `no-such-rule`");
    throws(() => new Scanner({ nonsense: 1 }), "unknown field `nonsense`");
    throws(() => new Scanner({ minConfidence: "sure" }), "minConfidence");
    throws(() => new Scanner({ rules: Uint8Array.of(1, 2, 3) }), "pack 1");
    throws(() => new Scanner().redact("", { packs: ["x"] }), "no log pack");
    throws(() => new Scanner().redact("", { mask: "keyed" }), "key");
    try {
      new Scanner({ fingerprintKey: 815 });
    } catch (error) {
      if (error.message.includes("815")) throw new Error("the message repeats a value");
    }
  },
  "rules tell what they are"({ Scanner }) {
    const rules = new Scanner().rules();
    if (rules.length < 800) throw new Error(`only ${rules.length} rules`);
    const one = rules.find((rule) => rule.id === "github-pat-classic");
    same([one.provider, one.severity, one.kind], ["github", "critical", "token"], "the rule");
  },
  "an edited text has the findings of a full scan"({ Scanner }) {
    const scanner = new Scanner({ now: null });
    const pieces = ["\ud83d", "\ude00", "é", "\n", token(), 'password = "', '"', " ", "x", "\ud800", `k=${token()};`];
    let [text, state] = ["", 5];
    const next = (below) => (state = (state * 48271) % 2147483647) % below;
    const document = scanner.document(text);
    for (let step = 0; step < 400; step++) {
      const start = next(text.length + 1);
      const end = Math.min(text.length, start + (next(3) ? 0 : next(60)));
      const put = Array.from({ length: next(3) }, () => pieces[next(pieces.length)]).join("");
      text = text.slice(0, start) + put + text.slice(end);
      const found = document.update({ startUtf16: start, endUtf16: end, text: put });
      same(found, scanner.scan(text), `step ${step}`);
    }
    same(document.text === text, true, "the text");
    const edits = [{ startUtf16: 0, endUtf16: text.length, text: "ab" }, { startUtf16: 1, endUtf16: 2, text: token() }];
    same(places(document.update(edits)), [], "a token behind a letter");
    throws(() => document.update({ startUtf16: 0, endUtf16: 999, text: "" }), "inside");
    document.free();
    throws(() => document.update({ startUtf16: 0, endUtf16: 0, text: "" }), "freed");
  },
  async "a stream redacts as the whole, however it is cut"({ Scanner, RedactStream }) {
    const scanner = new Scanner();
    const text = `one 😀\nkey = "${token()}"\nthree\n`.repeat(50);
    const clean = scanner.redact(text);
    same(clean.includes(token()), false, "the clean text");
    same(clean.split("[REDACTED:github-pat-classic]").length, 51, "the masks");
    for (const size of [1, 7, 4096]) {
      for (const encoded of [true, false]) {
        const whole = encoded ? encoder.encode(text) : text;
        const source = new ReadableStream({
          start(controller) {
            for (let at = 0; at < whole.length; at += size) controller.enqueue(whole.slice(at, at + size));
            controller.close();
          },
        });
        const stream = new RedactStream(scanner);
        same(await new Response(source.pipeThrough(stream)).text(), clean, `pieces of ${size}`);
        const { bytesIn, findings } = await stream.summary;
        same([bytesIn, findings], [encoder.encode(text).length, { "github-pat-classic": 50 }], "the summary");
      }
    }
    const masks = ["partial", "same-length", "[gone:{rule}]"].map((mask) => scanner.redact(token(), { mask }));
    same(masks, [token().slice(0, 4) + "[REDACTED:github-pat-classic]", "[REDACTED" + "*".repeat(30) + "]", "[gone:github-pat-classic]"], "the masks");
    same(scanner.redact("a mail to jo@example.org", { packs: ["pii"] }), "a mail to [REDACTED:pii-email]", "a log pack");
    same(scanner.redact("n: mellon-mellon", { values: ["mellon-mellon"] }), "n: [REDACTED:known-value]", "a known value");
  },
  "baselines are those of the program"({ Scanner, Baseline }) {
    const [found] = new Scanner().scan(token());
    const baseline = new Baseline();
    same([baseline.size, baseline.has(found)], [0, false], "an empty baseline");
    baseline.add(found, "a b.txt");
    const file = baseline.toString();
    same(file, `# keysieve baseline 1\n${found.fingerprint} github-pat-classic a%20b.txt\n`, "the file");
    const read = new Baseline(file);
    same([read.size, read.has(found), read.remove(found), read.has(found)], [1, true, true, false], "what was read");
    throws(() => new Baseline("nonsense"), "line 1");
  },
  "a hundred megabytes"({ Scanner }) {
    const scanner = new Scanner();
    const line = encoder.encode("the quick brown fox jumps over the lazy dog, again and again\n");
    const bytes = new Uint8Array(100 << 20);
    for (let at = 0; at + line.length <= bytes.length; at += line.length) bytes.set(line, at);
    const last = encoder.encode(`\n${token()}`);
    bytes.set(last, bytes.length - last.length);
    const [found, ...more] = scanner.scan(bytes);
    same([found.rule, found.endByte, more.length], ["github-pat-classic", bytes.length, 0], "the finding");
    const stream = scanner.stream();
    const all = [];
    for (let at = 0; at < bytes.length; at += 1 << 20) all.push(...stream.push(bytes.subarray(at, at + (1 << 20))));
    all.push(...stream.finish());
    same([all.length, all[0].startByte, all[0].line, all[0].columnByte], [1, found.startByte, found.line, found.column], "the streamed finding");
  },
};

/** Runs them all; tells how many passed and what went wrong. */
export async function promises(api) {
  const wrong = [];
  let passed = 0;
  for (const [name, test] of Object.entries(TESTS)) {
    try {
      await test(api);
      passed++;
    } catch (error) {
      wrong.push(`${name}: ${error.message}`);
    }
  }
  return { passed, wrong };
}
