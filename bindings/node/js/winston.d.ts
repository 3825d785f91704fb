import type { LoggerOptions } from "./index.js";

/** A format of winston, to be put last. */
declare function redact(options?: LoggerOptions): {
  options?: LoggerOptions;
  transform<T extends object>(info: T): T;
};
declare namespace redact {
  export { redact as default };
}
export = redact;
