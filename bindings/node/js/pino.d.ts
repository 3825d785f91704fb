import type { Writable } from "node:stream";
import type { LoggerOptions } from "./index.js";

/** The target of `pino.transport({ target: "keysieve/pino" })`. */
declare function transport(options?: transport.TransportOptions): Writable;
declare namespace transport {
  export interface TransportOptions extends LoggerOptions {
    /** A file descriptor, or the path of a file; standard output by default. */
    destination?: number | string;
    /** Whether the file keeps what it has; true by default. */
    append?: boolean;
  }
  /** For `pino({ hooks: { streamWrite: streamWrite() } })`. */
  export function streamWrite(options?: LoggerOptions): (line: string) => string;
  export { transport as default };
}
export = transport;
