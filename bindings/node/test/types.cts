import keysieve = require("keysieve");
import pinoTransport = require("keysieve/pino");
import winstonFormat = require("keysieve/winston");
import protect = require("keysieve/console");

const scanner: keysieve.Scanner = new keysieve.Scanner();
const clean: string = scanner.redactor({ mask: "same-length" }).clean("text");
pinoTransport.streamWrite()(clean);
winstonFormat().transform({ level: "info", message: clean });
protect()();
export = scanner.scan(clean).map(({ rule }) => rule);
