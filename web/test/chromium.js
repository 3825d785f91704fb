// A server of folders on localhost, and a Chromium that talks to nobody else.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join, normalize, extname } from "node:path";
import { chromium } from "playwright-core";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** All that a page with the package needs. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'none'";

/**
 * Serves what `find` gives for a path: a file's name, or the text of a script.
 * Every answer has the policy, where there is one.
 */
export async function serve(find, policy = POLICY) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    try {
      const found = await find(path);
      const body = found.script ?? found.html ?? (await readFile(found));
      const kind = found.html ? ".html" : found.script ? ".js" : extname(found);
      const headers = { "content-type": TYPES[kind] ?? "application/octet-stream" };
      if (policy) headers["content-security-policy"] = policy;
      response.writeHead(200, headers).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => (server.close(), server.closeAllConnections()) };
}

/** The file of a folder at a path. */
export const within = (folder, path) => join(folder, path);

export function launch() {
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Error("CHROMIUM names no browser; start it with `cargo xtask`");
  const flags = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  return chromium.launch({ executablePath, headless: true, args: flags.split(" ") });
}
