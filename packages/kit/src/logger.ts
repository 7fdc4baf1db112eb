import { pino, type Logger } from "pino";

export type { Logger };

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** JSON lines on standard error, so that standard output stays the program's answer. */
export function createLogger(name: string, level: LogLevel): Logger {
  return pino(
    { name, level, timestamp: pino.stdTimeFunctions.isoTime, base: { name } },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Says nothing; for tests and for embedding. */
export const silentLogger: Logger = pino({ level: "silent" });
