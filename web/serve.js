// Serves the page on this machine, with its policy as a header too:
// `node serve.js FOLDER [PORT]`
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { POLICY } from "./vite.config.js";

const [folder, port = "8733"] = process.argv.slice(2);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json" };

createServer(async (request, response) => {
  const path = normalize(new URL(request.url, "http://x").pathname);
  const name = join(folder, path === "/" ? "index.html" : path);
  try {
    const body = await readFile(name);
    const headers = { "content-type": TYPES[extname(name)] ?? "application/octet-stream" };
    // The service worker must fetch the files that it keeps.
    if (!name.endsWith("sw.js")) headers["content-security-policy"] = POLICY;
    response.writeHead(200, headers).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/`));
