// Speaks the protocol to the worker of the web build, as the editor does, and
// looks at every answer. The secret is put together here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { token } from "./token.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const sent = [];
const waiting = [];
const port = {
  listeners: [],
  set onmessage(listener) {
    this.listeners.push(listener);
  },
  addEventListener(kind, listener) {
    if (kind === "message") this.listeners.push(listener);
  },
  postMessage(message) {
    sent.push(JSON.stringify(message));
    waiting.splice(0).forEach((look) => look(message));
  },
};
globalThis.self = port;
vm.runInThisContext(readFileSync(join(here, "../out/worker.js"), "utf8"));

const send = (message) => {
  for (const listener of port.listeners) listener({ data: { jsonrpc: "2.0", ...message } });
};
const wait = (wanted) => new Promise((done) => {
  const look = (message) => (wanted(message) ? done(message) : waiting.push(look));
  waiting.push(look);
});
let last = 0;
const request = async (method, params) => {
  const id = ++last;
  const answer = wait((m) => m.id === id && !m.method);
  send({ id, method, params });
  const { result, error } = await answer;
  assert.equal(error, undefined, method);
  return result;
};
const notify = (method, params) => send({ method, params });
const published = () => wait((m) => m.method === "textDocument/publishDiagnostics");

const secret = token();
const uri = "memfs:/a.ts";
const { capabilities } = await request("initialize", {
  processId: null, rootUri: null, capabilities: {}, workspaceFolders: [{ uri: "memfs:/", name: "here" }],
});
assert.equal(capabilities.hoverProvider, true);
notify("initialized", {});

let next = published();
const text = "// ü𝄞\nconst a = '';\n";
notify("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } });
assert.deepEqual((await next).params.diagnostics, []);

const at = { line: 1, character: 11 };
next = published();
notify("textDocument/didChange", {
  textDocument: { uri, version: 2 },
  contentChanges: [{ range: { start: at, end: at }, text: secret }],
});
const [found, ...others] = (await next).params.diagnostics;
assert.deepEqual(others, []);
assert.equal(found.code, "github-pat-classic");
const end = { line: 1, character: 11 + secret.length };
assert.deepEqual(found.range, { start: at, end });
assert.equal(found.severity, 1);

const hover = await request("textDocument/hover", { textDocument: { uri }, position: end });
assert.match(hover.contents.value, /\*\*Revoke\*\*/);

const actions = await request("textDocument/codeAction", {
  textDocument: { uri }, range: { start: at, end: at }, context: { diagnostics: [] },
});
const titles = actions.map((action) => action.title);
assert.ok(titles.includes("Mask it here") && titles.some((t) => t.startsWith("Allow github-pat-classic")));
const [edit] = actions.find((a) => a.title.startsWith("Allow")).edit.changes[uri];
next = published();
notify("textDocument/didChange", {
  textDocument: { uri, version: 3 },
  contentChanges: [{ range: edit.range, text: edit.newText }],
});
assert.deepEqual((await next).params.diagnostics, []);

// The value goes to `.env` on the other side; no message holds it.
const cleared = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
next = published();
notify("textDocument/didChange", {
  textDocument: { uri, version: 4 },
  contentChanges: [{ range: cleared, text: `const apiKey: string = "${secret}";\n` }],
});
await next;
const offered = await request("textDocument/codeAction", {
  textDocument: { uri }, range: { start: { line: 1, character: 30 }, end: { line: 1, character: 30 } }, context: { diagnostics: [] },
});
const [preferred] = offered.filter((action) => action.isPreferred);
assert.equal(preferred.title, "Replace by process.env.API_KEY and keep it in .env");
const asked = wait((m) => m.method === "keysieve/keep");
const applied = wait((m) => m.method === "workspace/applyEdit");
const carried = request("workspace/executeCommand", preferred.command);
const { id, params } = await asked;
assert.deepEqual(params, { uri, range: { start: { line: 1, character: 24 }, end: { line: 1, character: 24 + secret.length } }, name: "API_KEY" });
send({ id, result: "API_KEY_2" });
const { id: edit2, params: change } = await applied;
assert.equal(change.edit.changes[uri][0].newText, "process.env.API_KEY_2");
assert.deepEqual(change.edit.changes[uri][0].range.start, { line: 1, character: 23 });
send({ id: edit2, result: { applied: true } });
await carried;

// A file that is not open.
next = published();
await request("keysieve/file", { uri: "memfs:/closed.env", text: `A=1\nTOKEN=${secret}\n` });
const closed = (await next).params;
assert.deepEqual([closed.uri, closed.diagnostics.length, closed.diagnostics[0].range.start.line], ["memfs:/closed.env", 1, 1]);

// A control that code leaves out, until its family is switched off.
const flawed = { uri: "memfs:/user.ts", text: "import jwt from 'jsonwebtoken';\nconst claims = jwt.verify(token, key, { algorithms: [\"RS256\"], ignoreExpiration: true });\nuse(claims.sub);\n" };
next = published();
await request("keysieve/file", flawed);
const [lacking] = (await next).params.diagnostics;
assert.match(lacking.code, /^AC-\d\d$/);
assert.deepEqual([lacking.range.start.line, lacking.data.family], [1, "control"]);
next = published();
notify("workspace/didChangeConfiguration", { settings: { keysieve: { controls: false } } });
await next;
next = published();
await request("keysieve/file", flawed);
assert.deepEqual((await next).params.diagnostics, []);

next = published();
notify("workspace/didChangeConfiguration", { settings: { keysieve: { enable: false } } });
assert.deepEqual((await next).params.diagnostics, []);
const body = secret.slice(-20);
assert.ok(!sent.some((message) => message.includes(body)), "a secret was sent");
console.log("the worker answers as it should");
process.exit(0);
