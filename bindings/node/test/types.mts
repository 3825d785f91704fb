import { Baseline, RedactTransform, Scanner, type FileFinding, type Finding } from "keysieve";
import transport, { streamWrite } from "keysieve/pino";
import redact from "keysieve/winston";
import protect from "keysieve/console";
import pino from "pino";
import winston from "winston";

const scanner = new Scanner({ minConfidence: "likely", disable: ["generic-*"], rules: ["[[rule]]"] });
const found: Finding[] = scanner.scan("text");
const later: Promise<Finding[]> = scanner.scanAsync(Buffer.from("text"), { signal: AbortSignal.timeout(5) });
const files: AsyncIterable<FileFinding> = scanner.scanFiles(["src"], { onProgress: ({ bytes }) => bytes.toFixed() });
const text: string = scanner.redact("text");
const bytes: Uint8Array = scanner.redact(new Uint8Array(4));
process.stdin.pipe(new RedactTransform(scanner, { mask: "partial" })).pipe(process.stdout);
pino({ hooks: { streamWrite: streamWrite({ values: ["a value of ours"] }) } });
pino(pino.transport({ target: "keysieve/pino" }));
pino(transport({ destination: 2 }));
winston.createLogger({ format: winston.format.combine(winston.format.json(), redact({ packs: ["pii"] })) });
protect({ scanner })();
new Baseline().add(found[0]!);
export { bytes, files, later, text };
// @ts-expect-error: there is no such option
new Scanner({ rule: [] });
