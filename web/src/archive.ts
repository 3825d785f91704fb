/**
 * Files of a `.zip` or a `.tar.gz`, one after another, as they are unpacked.
 * Nothing is written: what comes out is a Blob, which the browser may keep on
 * its disk. Paths are names to show and nothing more.
 */
import { Unzip, UnzipInflate } from "fflate";

/** A file of an archive. */
export interface Unpacked {
  path: string;
  content: Blob;
}

/** The most that comes out of one archive, in bytes: a small one can hold endless zeros. */
const MOST = 4e9;

export const isArchive = (path: string): boolean => /\.(zip|tar|tar\.gz|tgz)$/i.test(path);

/** Hands over each file; throws where the archive is damaged. */
export async function unpack(path: string, archive: Blob, each: (file: Unpacked) => void): Promise<void> {
  try {
    if (/\.zip$/i.test(path)) return await unzip(archive, each);
    const bytes = archive.stream();
    return await untar(/\.tar$/i.test(path) ? bytes : bytes.pipeThrough(new DecompressionStream("gzip")), each);
  } catch (error) {
    if (error instanceof Damage) throw error;
    throw new Damage("the archive is damaged, or packed in a way that is not known");
  }
}

/** What is wrong with an archive, in words for people. */
class Damage extends Error {}

async function unzip(archive: Blob, each: (file: Unpacked) => void): Promise<void> {
  let [total, open, seen] = [0, 0, 0];
  let failure: Damage | undefined;
  const reader = new Unzip((file) => {
    seen++;
    if (file.name.endsWith("/")) return;
    open++;
    const parts: BlobPart[] = [];
    file.ondata = (error, chunk, final) => {
      if (error) failure ??= new Damage("the archive is damaged, or packed in a way that is not known");
      else parts.push(chunk.slice() as Uint8Array<ArrayBuffer>);
      total += chunk?.length ?? 0;
      if (total > MOST) failure ??= new Damage("more than 4 GB come out of the archive");
      if (final && !failure) {
        open--;
        each({ path: file.name, content: new Blob(parts) });
      }
    };
    file.start();
  });
  reader.register(UnzipInflate);
  let last = false;
  for await (const chunk of chunks(archive.stream())) {
    reader.push(chunk, false);
    if (failure) throw failure;
    last = true;
  }
  if (last) reader.push(new Uint8Array(), true);
  if (failure) throw failure;
  if (open > 0 || (seen === 0 && archive.size > 22)) throw new Damage("the archive is cut off, or is no zip");
}

async function* chunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** Reads so many bytes of a stream at a time. */
class Bytes {
  #stream: AsyncGenerator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#stream = chunks(stream);
  }

  /** At most `most` bytes; none at the end. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#stream.next();
      if (done) return new Uint8Array();
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  async take(length: number): Promise<Uint8Array<ArrayBuffer>[]> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.some(left);
      if (part.length === 0) throw new Damage("the archive is cut off");
      parts.push(part.slice());
      left -= part.length;
    }
    return parts;
  }
}

const BLOCK = 512;

async function untar(stream: ReadableStream<Uint8Array>, each: (file: Unpacked) => void): Promise<void> {
  const bytes = new Bytes(stream);
  const text = (from: Uint8Array) => new TextDecoder().decode(from).split("\0")[0]!;
  let [long, total] = ["", 0];
  for (;;) {
    const first = await bytes.some(BLOCK);
    if (first.length === 0) return;
    const rest = await bytes.take(BLOCK - first.length);
    const header = new Uint8Array(await new Blob([first.slice(), ...rest]).arrayBuffer());
    if (header.every((byte) => byte === 0)) return;
    let sum = 8 * 32;
    header.forEach((byte, at) => (sum += at >= 148 && at < 156 ? 0 : byte));
    if (parseInt(text(header.subarray(148, 156)).trim(), 8) !== sum) throw new Damage("the archive is damaged, or no tar");
    const length = parseInt(text(header.subarray(124, 136)).trim() || "0", 8);
    if (!(length >= 0) || (total += length) > MOST) throw new Damage("more than 4 GB come out of the archive");
    const kind = String.fromCharCode(header[156]!);
    const content = new Blob(await bytes.take(length));
    await bytes.take((BLOCK - (length % BLOCK)) % BLOCK);
    if (kind === "L") long = text(new Uint8Array(await content.arrayBuffer()));
    else if (kind === "x") long = /\d+ path=(.*)\n/.exec(await content.text())?.[1] ?? "";
    else {
      const ustar = text(header.subarray(257, 263)).startsWith("ustar");
      const folder = ustar ? text(header.subarray(345, 500)) : "";
      const name = text(header.subarray(0, 100));
      if (kind === "0" || kind === "\0") each({ path: long || (folder ? `${folder}/${name}` : name), content });
      long = "";
    }
  }
}
