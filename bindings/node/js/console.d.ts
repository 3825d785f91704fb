import type { LoggerOptions } from "./index.js";

/** Cleans what is written to the streams from now on; gives what ends it. */
declare function protect(
  options?: LoggerOptions & { streams?: NodeJS.WriteStream[] },
): () => void;
declare namespace protect {
  export { protect as default };
}
export = protect;
