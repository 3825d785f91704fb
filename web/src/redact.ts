/** Files without their secrets, as downloads. */
import { Zip, ZipDeflate } from "fflate";
import { download } from "./dom";
import type { Entry } from "./model";
import type { Pool } from "./pool";
import type { Answer } from "./worker";

/** A file without its secrets, and how many there were. */
async function clean(pool: Pool, content: Blob): Promise<{ content: Blob; count: number }> {
  let result: { content: Blob; count: number } | undefined;
  let problem = "the work was stopped";
  await pool.run({ kind: "redact", content }, (answer: Answer) => {
    if (answer.kind === "clean") result = answer;
    if (answer.kind === "failed") problem = answer.message;
  });
  if (!result) throw new Error(problem);
  return result;
}

const nameOf = (path: string): string => path.split("/").at(-1)!.replace(/(\.[^.]*)?$/, ".redacted$1");

/** Downloads one file; tells how many secrets were taken out. */
export async function redactOne(pool: Pool, entry: Entry): Promise<number> {
  const { content, count } = await clean(pool, entry.content);
  download(entry.draft ? "redacted.txt" : nameOf(entry.path), content);
  return count;
}

/** Downloads all files in one archive; tells how many secrets were taken out. */
export async function redactAll(pool: Pool, entries: Entry[]): Promise<number> {
  const parts: BlobPart[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    parts.push(chunk as Uint8Array<ArrayBuffer>);
  });
  let total = 0;
  for (const entry of entries) {
    const { content, count } = await clean(pool, entry.content);
    total += count;
    const file = new ZipDeflate(entry.path.replace(/^\/+|(^|\/)\.\.(?=\/)/g, "$1"), { level: 6 });
    zip.add(file);
    const reader = content.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      file.push(value ?? new Uint8Array(), done);
      if (done) break;
    }
  }
  zip.end();
  download("redacted.zip", new Blob(parts, { type: "application/zip" }));
  return total;
}
