// Bundles the workbench. It is tested and never shipped, so nothing is made
// small.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: { target: "esnext", minify: false, chunkSizeWarningLimit: 1 << 20, reportCompressedSize: false },
  worker: { format: "es" },
});
