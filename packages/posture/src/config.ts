import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { errorAt, logFormats, logLevels, parseWith } from "@walras/kit";
import { z } from "zod";

const text = z.string().min(1);
const loops = 10;
const copiesStep = 100;
const schedule = Array.from({ length: loops }, (_, loop) => (loop + 1) * copiesStep).join(",");

/** What a connection's encryption must prove, as libpq's sslmode; what would fall back to no encryption is left out. */
const sslModes = ["disable", "require", "verify-ca", "verify-full"] as const;

const schema = z.object({
  MQTT_BROKER: text.describe("host name or address"),
  MQTT_PORT: z.coerce.number().int().min(1).max(65_535).default(1883),
  MQTT_TOPIC: text.default("images/#"),
  MQTT_USERNAME: text.optional(),
  MQTT_PASSWORD: text.optional(),
  OUTPUT_DIR: text.default("pictures"),
  CSV_PATH: text.default("results.csv"),
  NUM_WORKERS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(() => availableParallelism()),
  COPIES_SCHEDULE: z
    .string()
    .regex(/^[1-9]\d{0,6}(,[1-9]\d{0,6})*$/, "numbers of copies above zero, with commas between them")
    .default(schedule),
  PICTURE_TIMEOUT_SECONDS: z.coerce.number().positive().max(86_400).default(600),
  MODEL_DIR: text.optional(),
  POD_NAME: text.default("local"),
  DB_ENABLED: z.stringbool().default(false),
  DB_HOST: text.optional(),
  DB_PORT: z.coerce.number().int().min(1).max(65_535).default(5432),
  DB_NAME: text.optional(),
  DB_USER: text.optional(),
  DB_PASSWORD: text.optional(),
  DB_SSLMODE: z.enum(sslModes).default("verify-full"),
  DB_SSLROOTCERT: text.optional(),
  LOG_LEVEL: z.enum(logLevels).default("info"),
  LOG_FORMAT: z.enum(logFormats).default("json"),
});

export interface DatabaseConfig {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: (typeof sslModes)[number];
  /** A file of certificates in PEM; without it those that Node trusts. */
  readonly sslRootCert: string | undefined;
}

export interface AnalyzerConfig {
  readonly broker: {
    readonly host: string;
    readonly port: number;
    readonly topic: string;
    readonly username: string | undefined;
    readonly password: string | undefined;
  };
  readonly outputDir: string;
  readonly csvPath: string;
  readonly workers: number;
  /** One loop for each: how many copies of its picture it analyzes. */
  readonly copies: readonly number[];
  readonly pictureTimeoutMs: number;
  readonly modelDir: string;
  readonly podName: string;
  /** null: results go to no database. */
  readonly database: DatabaseConfig | null;
  readonly logLevel: (typeof logLevels)[number];
  readonly logFormat: (typeof logFormats)[number];
}

/**
 * The configuration, from the environment alone, as the prototype's; a variable
 * that is empty counts as not set.
 *
 * @throws FieldError naming the variable and its value
 */
export function readConfig(env: NodeJS.ProcessEnv): AnalyzerConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const input = parseWith(schema, set, "");
  return {
    broker: {
      host: input.MQTT_BROKER,
      port: input.MQTT_PORT,
      topic: input.MQTT_TOPIC,
      username: input.MQTT_USERNAME,
      password: input.MQTT_PASSWORD,
    },
    outputDir: input.OUTPUT_DIR,
    csvPath: input.CSV_PATH,
    workers: input.NUM_WORKERS,
    copies: input.COPIES_SCHEDULE.split(",").map(Number),
    pictureTimeoutMs: input.PICTURE_TIMEOUT_SECONDS * 1000,
    modelDir: input.MODEL_DIR ?? ownModelDir(),
    podName: input.POD_NAME,
    database: input.DB_ENABLED ? databaseOf(input) : null,
    logLevel: input.LOG_LEVEL,
    logFormat: input.LOG_FORMAT,
  };
}

function databaseOf(input: z.output<typeof schema>): DatabaseConfig {
  const needed = (variable: "DB_HOST" | "DB_NAME" | "DB_USER"): string => {
    const value = input[variable];
    if (value === undefined) throw errorAt(variable, value, "is needed with DB_ENABLED=true");
    return value;
  };
  return {
    host: needed("DB_HOST"),
    port: input.DB_PORT,
    name: needed("DB_NAME"),
    user: needed("DB_USER"),
    password: input.DB_PASSWORD,
    sslMode: input.DB_SSLMODE,
    sslRootCert: input.DB_SSLROOTCERT,
  };
}

/** Beside the bundle; or in the library, beside its program, which is all that it exports. */
function ownModelDir(): string {
  if (!import.meta.filename.endsWith(".ts")) return join(import.meta.dirname, "model");
  const program = fileURLToPath(import.meta.resolve("@vladmandic/human"));
  return join(dirname(dirname(program)), "models");
}
