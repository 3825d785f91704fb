// The shared table of cases, and what every package with this API promises.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as api from "keysieve";
import { conformance } from "./conformance.mjs";
import { promises } from "./promises.mjs";

test("the shared table of cases", async () => {
  const table = JSON.parse(readFileSync("cases.json", "utf8"));
  const { passed, wrong } = await conformance(api, table);
  assert.deepEqual(wrong, []);
  assert.ok(passed > 400 && passed === table.cases.length + table.reviews.length, `${passed}`);
});

test("what the types promise", async () => {
  const { passed, wrong } = await promises(api);
  assert.deepEqual(wrong, []);
  assert.ok(passed > 0);
});
