// The shared table of cases, and what every package with this API promises.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as api from "keysieve";
import { conformance } from "./conformance.mjs";
import { promises } from "./promises.mjs";

test("the shared table of cases", () => {
  const { passed, wrong } = conformance(api, JSON.parse(readFileSync("cases.json", "utf8")));
  assert.deepEqual(wrong, []);
  assert.ok(passed > 500, `${passed}`);
});

test("what the types promise", async () => {
  const { passed, wrong } = await promises(api);
  assert.deepEqual(wrong, []);
  assert.ok(passed > 0);
});
