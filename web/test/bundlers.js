// The package, put into a program by each bundler without a setting, and the
// bundle run in a worker of Chromium. `node bundlers.js PACKAGE`
import { mkdtemp, mkdir, rm, symlink, writeFile, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { execFileSync } from "node:child_process";
import { launch, serve } from "./chromium.js";

const folder = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const bin = (name) => join(here, "../node_modules/.bin", name);

const PROGRAM = `
import { Scanner, load, engine } from "keysieve";
import { token } from "./promises.js";
load().then(() => {
  const found = new Scanner().scan("key = " + token());
  document.title = engine().build + " " + found.map((f) => f.rule).join();
}, (error) => { document.title = String(error); });`;
const HTML = `<!doctype html><meta charset="utf-8"><title>-</title><script type="module" src="./main.js"></script>`;

const BUNDLERS = {
  esbuild: (at) => execFileSync(bin("esbuild"), ["main.js", "--bundle", "--format=esm", "--splitting", "--outdir=out", "--log-level=error"], { cwd: at }),
  vite: (at) => execFileSync(bin("vite"), ["build", "--outDir", "out", "--logLevel", "error"], { cwd: at }),
  webpack: (at) => execFileSync(bin("webpack"), ["--mode", "production", "--entry", "./main.js", "-o", "out"], { cwd: at }),
};

const work = await mkdtemp(join(tmpdir(), "keysieve-bundlers-"));
const browser = await launch();
let [passed, failed] = [0, 0];
try {
  for (const [name, bundle] of Object.entries(BUNDLERS)) {
    const at = join(work, name);
    await mkdir(join(at, "node_modules"), { recursive: true });
    await symlink(folder, join(at, "node_modules/keysieve"));
    await symlink(join(here, "promises.js"), join(at, "promises.js"));
    await writeFile(join(at, "main.js"), PROGRAM);
    await writeFile(join(at, "index.html"), HTML);
    await writeFile(join(at, "package.json"), `{ "type": "module" }`);
    let title;
    try {
      bundle(at);
      const files = await readdir(join(at, "out"));
      if (!files.includes("index.html")) await writeFile(join(at, "out/index.html"), HTML);
      const server = await serve((path) => join(at, "out", path === "/" ? "index.html" : path));
      const page = await browser.newPage();
      await page.goto(server.url);
      await page.waitForFunction(() => document.title !== "-", undefined, { timeout: 60_000 });
      title = await page.title();
      await page.close();
      server.close();
    } catch (error) {
      title = `${error.message} ${error.stdout ?? ""}`;
    }
    if (title === "simd128 github-pat-classic") passed++;
    else {
      failed++;
      console.log(`${name}: ${title}`);
    }
  }
} finally {
  await browser.close();
  await rm(work, { recursive: true });
}
console.log(`test result: ${failed ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed; 0 ignored (bundlers)`);
process.exit(failed ? 1 : 0);
