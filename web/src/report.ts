/**
 * Reports of what is shown. Fields are those of the program's reports; nothing
 * of a secret is in them but its provider's public prefix.
 */
import type { Confidence, Severity } from "keysieve";
import type { Entry, Model, Row } from "./model";

/** A finding as the program's JSON has it; columns in bytes, from 0. */
function item(model: Model, { entry, finding, known }: Row) {
  const rule = model.rules.get(finding.rule);
  const { class: kind, lifetime, identity, remedy, notes } = finding.credential;
  return {
    path: entry.path,
    rule: finding.rule,
    title: rule?.title ?? finding.rule,
    provider: rule?.provider ?? "",
    severity: finding.severity,
    confidence: finding.confidence,
    start_line: finding.line,
    start_col: finding.columnByte - 1,
    end_line: finding.endLine,
    end_col: finding.endColumnByte - 1,
    // Offsets are those in the file, which a diff does not hold.
    start_byte: entry.patch ? undefined : finding.startByte,
    end_byte: entry.patch ? undefined : finding.endByte,
    fingerprint: finding.fingerprint,
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

const unreadOf = (entry: Entry) => ({ path: entry.path, kind: "unreadable", detail: entry.problem ?? "" });

export function json(model: Model): string {
  const findings = model.rows().map((row) => item(model, row));
  const unread = model.unread().map(unreadOf);
  const bytes = model.entries.reduce((sum, entry) => sum + entry.read, 0);
  const summary = { files: model.entries.length, bytes, findings: findings.length, unread: unread.length, rules: model.rules.size };
  return JSON.stringify({ findings, unread, summary }, null, 2) + "\n";
}

const COLUMNS = ["path", "start_line", "start_col", "end_line", "end_col", "start_byte", "end_byte", "rule", "title", "severity", "confidence", "lifetime", "fingerprint", "masked", "rotate", "lifetime_source", "expires_at", "seconds_left", "issuer", "subject", "account", "remedy"];

/** A field of a table; what begins as a formula is no formula. */
function field(value: unknown): string {
  const text = String(value ?? "");
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value !== "number" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(model: Model): string {
  const rows = model.rows().map((row) => {
    const one = item(model, row);
    const { kind, source, expires_at, seconds_left } = one.lifetime;
    const { issuer, subject, account } = one.identity as Record<string, string | undefined>;
    const flat: Record<string, unknown> = { ...one, lifetime: kind, lifetime_source: source, expires_at, seconds_left, issuer, subject, account };
    return COLUMNS.map((column) => field(flat[column])).join(",");
  });
  return [COLUMNS.join(","), ...rows].join("\r\n") + "\r\n";
}

const LEVELS: Record<Severity, string> = { critical: "error", high: "error", medium: "warning", low: "note" };
const SCORES: Record<Severity, string> = { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0" };
const PRECISION: Record<Confidence, string> = { certain: "very-high", likely: "high", weak: "medium" };

export function sarif(model: Model, version: string): string {
  const items = model.rows().map((row) => ({ ...item(model, row), column: row.finding.column, endColumn: (row.finding as { endColumn?: number }).endColumn }));
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
          artifactLocation: { uri: one.path.split("/").map(encodeURIComponent).join("/") },
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
    suppressions: one.known ? [{ kind: "external", justification: "known by the baseline" }] : undefined,
    properties: { confidence: one.confidence, class: one.class, identity: one.identity, lifetime: one.lifetime, notes: one.notes, reasons: one.reasons, remedy: one.remedy },
  }));
  const unread = model.unread();
  const invocation = {
    executionSuccessful: unread.length === 0,
    toolExecutionNotifications: unread.map((entry) => ({ level: "error", message: { text: `not scanned: ${entry.path} (${entry.problem})` } })),
  };
  const driver = { name: "keysieve", version, semanticVersion: version, rules };
  const run = { tool: { driver }, results, invocations: [invocation], columnKind: "utf16CodeUnits" };
  return JSON.stringify({ $schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }, null, 2) + "\n";
}

/** A text without what Markdown would take for itself. */
const literal = (text: string) => text.replace(/[\\`*_{}[\]<>|#]/g, "\\$&");

/** What a reviewer pastes into a comment. */
export function summary(model: Model): string {
  const rows = model.rows().filter((row) => !row.known);
  const isDiff = model.entries.some((entry) => entry.patch);
  const where = isDiff ? "in added lines" : `in ${model.entries.length} ${model.entries.length === 1 ? "file" : "files"}`;
  const unread = model.unread();
  const honest = unread.length > 0 ? `\n\n**Not read:** ${unread.map((entry) => `\`${entry.path}\` (${entry.problem})`).join(", ")}` : "";
  if (rows.length === 0) return `**keysieve**: no credentials ${where}.${honest}\n`;
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
  return `${head}\n\n| severity | where | what | lives | do first |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}${more}${honest}\n`;
}
