// A secret for the tests, put together where it is needed.

/** A token with a valid checksum: base62 of the CRC-32 of its body. */
export function token() {
  const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const body = Array.from({ length: 30 }, (_, i) => digits[(i * 37 + 11 + (i * i) % 23) % 62]).join("");
  let crc = ~0;
  for (const byte of new TextEncoder().encode(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  let sum = "";
  for (let left = ~crc >>> 0, n = 0; n < 6; n++, left = Math.floor(left / 62)) {
    sum = digits[left % 62] + sum;
  }
  return ["gh", "p_", body, sum].join("");
}
