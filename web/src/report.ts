/**
 * Reports of what is shown. Fields are those of the program's reports; nothing
 * of a secret is in them but its provider's public prefix.
 */
import type { Confidence, ControlFinding, Severity } from "keysieve";
import type { Any, Entry, Model, Row, Told } from "./model";

/** Where a finding stands, as the program tells it. Offsets are those in the file, which a diff does not hold. */
function place(entry: Entry, finding: Told) {
  return {
    start_line: finding.line,
    start_col: finding.columnByte - 1,
    end_line: finding.endLine,
    end_col: finding.endColumnByte - 1,
    start_byte: entry.patch ? undefined : finding.startByte,
    end_byte: entry.patch ? undefined : finding.endByte,
    fingerprint: finding.fingerprint,
  };
}

/** A finding as the program's JSON has it; columns in bytes, from 0. */
function item(model: Model, { entry, finding, known }: Row<Any>) {
  const rule = model.rules.get(finding.rule);
  const { class: kind, lifetime, identity, remedy, notes } = finding.credential;
  return {
    path: entry.path,
    rule: finding.rule,
    title: rule?.title ?? finding.rule,
    provider: rule?.provider ?? "",
    severity: finding.severity,
    confidence: finding.confidence,
    ...place(entry, finding),
    masked: finding.masked,
    reasons: finding.reasons,
    class: kind,
    lifetime: {
      kind: lifetime.kind,
      source: lifetime.source,
      issued_at: lifetime.issuedAt ?? undefined,
      not_before: lifetime.notBefore ?? undefined,
      expires_at: lifetime.expiresAt ?? undefined,
      ttl_seconds: lifetime.ttlSeconds ?? undefined,
      seconds_left: lifetime.secondsLeft ?? undefined,
    },
    identity,
    remedy: remedy?.code,
    notes: notes.map((note) => note.code),
    rotate: rule?.rotate ?? "",
    source: rule?.source ?? "",
    known: known || undefined,
  };
}

/** A missing control as the program's JSON has it. */
function controlItem({ entry, finding, known }: Row<ControlFinding>) {
  return {
    path: entry.path,
    rule: finding.rule,
    title: finding.title,
    severity: finding.severity,
    precision: finding.precision,
    ...place(entry, finding),
    cwe: finding.cwe,
    evidence_for: finding.evidenceFor,
    remedy: finding.remedy,
    good: finding.good,
    known: known || undefined,
  };
}

const unreadOf = (entry: Entry) => ({ path: entry.path, kind: "unreadable", detail: entry.problem ?? "" });

export function json(model: Model): string {
  const findings = model.credentials().map((row) => item(model, row));
  const controls = model.missing().map(controlItem);
  const unread = model.unread().map(unreadOf);
  const bytes = model.entries.reduce((sum, entry) => sum + entry.read, 0);
  const summary = { files: model.entries.length, bytes, findings: findings.length, controls: controls.length, unread: unread.length, rules: model.rules.size };
  return JSON.stringify({ findings, controls, unread, summary }, null, 2) + "\n";
}

const COLUMNS = ["path", "start_line", "start_col", "end_line", "end_col", "start_byte", "end_byte", "rule", "title", "severity", "confidence", "lifetime", "fingerprint", "masked", "rotate", "lifetime_source", "expires_at", "seconds_left", "issuer", "subject", "account", "remedy"];

/** A field of a table; what begins as a formula is no formula. */
function field(value: unknown): string {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value !== "number" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(model: Model): string {
  const rows = model.credentials().map((row) => {
    const one = item(model, row);
    const { kind, source, expires_at, seconds_left } = one.lifetime;
    const { issuer, subject, account } = one.identity as Record<string, string | undefined>;
    const flat: Record<string, unknown> = { ...one, lifetime: kind, lifetime_source: source, expires_at, seconds_left, issuer, subject, account };
    return COLUMNS.map((column) => field(flat[column])).join(",");
  });
  const controls = model.missing().map((row) => {
    const one: Record<string, unknown> = controlItem(row);
    return COLUMNS.map((column) => field(one[column])).join(",");
  });
  return [COLUMNS.join(","), ...rows, ...controls].join("\r\n") + "\r\n";
}

const LEVELS: Record<Severity, string> = { critical: "error", high: "error", medium: "warning", low: "note" };
const SCORES: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0" };
const PRECISION: Record<Confidence, string> = { certain: "very-high", likely: "high", weak: "medium" };

const KNOWN = [{ kind: "external", justification: "known by the baseline" }];

const uriOf = (path: string) => path.split("/").map(encodeURIComponent).join("/");

export function sarif(model: Model, version: string): string {
  const items = model.credentials().map((row) => ({ ...item(model, row), column: row.finding.column, endColumn: (row.finding as { endColumn?: number }).endColumn }));
  const ids = [...new Set(items.map((one) => one.rule))].sort();
  const rules = ids.map((id) => {
    const one = items.find((found) => found.rule === id)!;
    const text = `${one.title}. Revoke it first, then clean the history: ${one.rotate}`;
    return {
      id,
      name: id,
      shortDescription: { text: one.title },
      fullDescription: { text },
      help: { text, markdown: `**${one.title}** (${one.provider}).\n\nRevoke it first, then clean the history: <${one.rotate}>.\n\nThe shape is documented at <${one.source}>.` },
      helpUri: one.rotate,
      defaultConfiguration: { level: LEVELS[one.severity] },
      properties: { tags: ["security", "secret", "CWE-798"], "security-severity": SCORES[one.severity], precision: PRECISION[one.confidence] },
    };
  });
  const results = items.map((one) => ({
    ruleId: one.rule,
    ruleIndex: ids.indexOf(one.rule),
    level: LEVELS[one.severity],
    message: { text: `${one.title} found: ${one.masked} (${one.confidence}). Revoke it: ${one.rotate}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(one.path) },
          region: {
            startLine: one.start_line,
            endLine: one.end_line,
            startColumn: one.column,
            endColumn: one.endColumn,
            byteOffset: one.start_byte,
            byteLength: one.start_byte === undefined ? undefined : one.end_byte! - one.start_byte,
          },
        },
      },
    ],
    fingerprints: { "keysieve/v1": one.fingerprint },
    partialFingerprints: { "keysieve/v1": one.fingerprint },
    suppressions: one.known ? KNOWN : undefined,
    properties: { confidence: one.confidence, class: one.class, identity: one.identity, lifetime: one.lifetime, notes: one.notes, reasons: one.reasons, remedy: one.remedy },
  }));
  const missing = model.missing();
  for (const { finding } of missing) {
    if (rules.some(({ id }) => id === finding.rule)) continue;
    ids.push(finding.rule);
    rules.push({
      id: finding.rule,
      name: finding.rule,
      shortDescription: { text: finding.title },
      fullDescription: { text: `${finding.title}. ${finding.remedy}` },
      help: { text: finding.remedy, markdown: `${finding.remedy}\n\n\`\`\`\n${finding.good}\n\`\`\`` },
      helpUri: `https://cwe.mitre.org/data/definitions/${finding.cwe[0]?.slice(4)}.html`,
      defaultConfiguration: { level: LEVELS[finding.severity] },
      properties: { tags: ["security", "control", ...finding.cwe], "security-severity": SCORES[finding.severity], precision: finding.precision },
    });
  }
  const lacking = missing.map((row) => {
    const one = controlItem(row);
    const { column: startColumn, endColumn } = row.finding;
    const region = { startLine: one.start_line, endLine: one.end_line, startColumn, endColumn };
    return {
      ruleId: one.rule,
      ruleIndex: ids.indexOf(one.rule),
      level: LEVELS[one.severity],
      message: { text: `${one.title}. ${one.remedy}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(one.path) }, region } }],
      fingerprints: { "keysieve/v1": one.fingerprint },
      partialFingerprints: { "keysieve/v1": one.fingerprint },
      suppressions: one.known ? KNOWN : undefined,
      properties: { precision: one.precision, evidence_for: one.evidence_for },
    };
  });
  const unread = model.unread();
  const invocation = {
    executionSuccessful: unread.length === 0,
    toolExecutionNotifications: unread.map((entry) => ({ level: "error", message: { text: `not scanned: ${entry.path} (${entry.problem})` } })),
  };
  const driver = { name: "keysieve", version, semanticVersion: version, rules };
  const run = { tool: { driver }, results: [...results, ...lacking], invocations: [invocation], columnKind: "utf16CodeUnits" };
  return JSON.stringify({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }, null, 2) + "\n";
}

/** A text without what Markdown would take for itself. */
const literal = (text: string) => text.replace(/[\\`*_{}[\]<>|#]/g, "\\$&");

function controlTable(missing: Row<ControlFinding>[]): string {
  if (missing.length === 0) return "";
  const lines = missing.slice(0, 50).map(({ entry, finding }) => {
    const cells = [finding.severity, `\`${entry.path}:${finding.line}\``, `${literal(finding.title)} (${finding.rule})`, literal(finding.remedy)];
    return `| ${cells.join(" | ")} |`;
  });
  const more = missing.length > 50 ? `\n\n… and ${missing.length - 50} more.` : "";
  return `\n\nControls that may be missing (evidence, not proof):\n\n| severity | where | what | do |\n| --- | --- | --- | --- |\n${lines.join("\n")}${more}`;
}

/** What a reviewer pastes into a comment. */
export function summary(model: Model): string {
  const rows = model.credentials().filter((row) => !row.known);
  const missing = model.missing().filter((row) => !row.known);
  const isDiff = model.entries.some((entry) => entry.patch);
  const where = isDiff ? "in added lines" : `in ${model.entries.length} ${model.entries.length === 1 ? "file" : "files"}`;
  const unread = model.unread();
  const honest = unread.length > 0 ? `\n\n**Not read:** ${unread.map((entry) => `\`${entry.path}\` (${entry.problem})`).join(", ")}` : "";
  const controls = controlTable(missing);
  if (rows.length === 0) return `**keysieve**: no credentials ${where}.${controls}${honest}\n`;
  const head = `**keysieve**: ${rows.length} ${rows.length === 1 ? "credential" : "credentials"} ${where}.`;
  const lines = rows.slice(0, 50).map(({ entry, finding }) => {
    const { lifetime, remedy } = finding.credential;
    const cells = [
      finding.severity,
      `\`${entry.path}:${finding.line}\``,
      `${literal(model.title(finding.rule))} \`${finding.masked}\``,
      literal(lifetime.text),
      remedy ? literal(remedy.text) : "",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const more = rows.length > 50 ? `\n\n… and ${rows.length - 50} more.` : "";
  return `${head}\n\n| severity | where | what | lives | do first |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}${more}${controls}${honest}\n`;
}
