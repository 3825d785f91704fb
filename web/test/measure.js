// What is measured in Node and in a worker alike.

/** Times a scan of these bytes; the best round counts, in milliseconds. */
export function scanned(scanner, bytes, rounds) {
  let [best, count] = [Infinity, 0];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    count = scanner.scan(bytes).length;
    best = Math.min(best, performance.now() - start);
  }
  return { best, count };
}

/** The middle of many edits of a text of 64 KiB, in milliseconds. */
export function edited(scanner, bytes) {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 65536));
  const document = scanner.document(text);
  const times = [];
  for (let round = 0; round < 400; round++) {
    const at = (round * 163) % text.length;
    const start = performance.now();
    document.update({ startUtf16: at, endUtf16: at + 1, text: "x" });
    times.push(performance.now() - start);
  }
  document.free();
  return times.sort((a, b) => a - b)[times.length / 2];
}
