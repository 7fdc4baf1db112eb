import { type DestinationStream, pino, type Logger } from "pino";

export type { Logger };

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export const logFormats = ["json", "text"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Lines on standard error, so that standard output stays the program's answer. */
export function createLogger(name: string, level: LogLevel, format: LogFormat = "json"): Logger {
  const destination = pino.destination({ dest: 2, sync: true });
  return pino(
    { name, level, timestamp: pino.stdTimeFunctions.isoTime, base: { name } },
    format === "json" ? destination : asText(destination),
  );
}

/** Says nothing; for tests and for embedding. */
export const silentLogger: Logger = pino({ level: "silent" });

/** `[INFO] message field=value …`, one line. */
export function asText(destination: DestinationStream): DestinationStream {
  return { write: (line) => destination.write(`${textOf(JSON.parse(line) as LogRecord)}\n`) };
}

interface LogRecord {
  readonly level: number;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

const leftOut = new Set(["level", "msg", "time", "name", "pid", "hostname"]);

function textOf(record: LogRecord): string {
  const label = (pino.levels.labels[record.level] ?? "info").toUpperCase();
  const fields = Object.entries(record).filter(([field]) => !leftOut.has(field));
  const words = fields.map(([field, value]) => `${field}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return [`[${label}]`, record.msg ?? "", ...words].join(" ").replaceAll("\n", " ");
}
