import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";

import { Backoff, type Clock, describeError, type Logger, type Rng, sleep } from "@walras/kit";
import pg from "pg";

import type { DatabaseConfig } from "../config.ts";
import { columns, type LoopResult, valuesOf } from "./row.ts";

const connectMs = 5000;
const statementMs = 10_000;
const tries = 5;
/**
 * PostgreSQL's error codes (appendix A): undefined_table; duplicate_table, and
 * of its catalog duplicate_object (the table's row type) and unique_violation.
 */
const undefinedTable = "42P01";
const madeMeanwhile = new Set(["42P07", "42710", "23505"]);

const createTable = `CREATE TABLE posture_results (
  job text NOT NULL,
  loop_index integer NOT NULL,
  copies_in_loop integer NOT NULL,
  processed_count integer NOT NULL,
  avg_process_time_seconds double precision,
  pi_id text NOT NULL,
  loop_received_time timestamptz NOT NULL,
  avg_gpu_pct double precision,
  avg_cpu_pct double precision,
  avg_ram_pct double precision,
  PRIMARY KEY (job, loop_index, loop_received_time)
)`;

/** A row that is there already was written by a try whose answer was lost. */
const insert = `INSERT INTO posture_results (job, ${columns.join(", ")})
  VALUES (${["job", ...columns].map((_, index) => `$${index + 1}`).join(", ")}) ON CONFLICT DO NOTHING`;

export interface DatabaseOptions {
  readonly database: DatabaseConfig;
  /** Whose results they are: the pod's name. */
  readonly job: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Results in PostgreSQL. What it does not take at once is kept and sent again with the next. */
export class ResultsDatabase {
  readonly #options: DatabaseOptions;
  #unsent: LoopResult[] = [];

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Never throws: an analysis is not stopped by a database that is away. */
  async save(result: LoopResult): Promise<void> {
    this.#unsent.push(result);
    try {
      await this.#send();
    } catch (error) {
      this.#options.logger.warn({ unsent: this.#unsent.length, error: describeError(error) }, "results kept for later");
    }
  }

  /**
   * Sends what is kept, several times if need be.
   *
   * @throws Error with its cause when the database took them to the end not
   */
  async flush(): Promise<void> {
    const backoff = new Backoff({ firstMs: 500, maxMs: 5000 }, this.#options.rng);
    for (let attempt = 1; this.#unsent.length > 0; attempt += 1) {
      try {
        await this.#send();
      } catch (cause) {
        if (attempt === tries) throw new Error(`${this.#unsent.length} results are not in the database`, { cause });
        await sleep(this.#options.clock, backoff.nextMs());
      }
    }
  }

  async #send(): Promise<void> {
    if (this.#unsent.length === 0) return;
    const client = new pg.Client(await clientConfig(this.#options.database));
    // Errors of a lost connection are those of the query under way.
    client.on("error", () => undefined);
    try {
      await client.connect();
      while (this.#unsent[0]) {
        await write(client, this.#valuesOf(this.#unsent[0]));
        this.#unsent.shift();
      }
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #valuesOf(result: LoopResult): unknown[] {
    const values = valuesOf(result);
    return [this.#options.job, ...columns.map((column) => values[column])];
  }
}

/** Makes the table only where it is missing: a user who may insert need not be one who may create. */
async function write(client: pg.Client, values: unknown[]): Promise<void> {
  try {
    await client.query(insert, values);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== undefinedTable) throw error;
    await client.query(createTable).catch(unlessMadeMeanwhile);
    await client.query(insert, values);
  }
}

function unlessMadeMeanwhile(error: unknown): void {
  if (!(error instanceof pg.DatabaseError) || !madeMeanwhile.has(error.code ?? "")) throw error;
}

async function clientConfig(config: DatabaseConfig): Promise<pg.ClientConfig> {
  const { host, port, name, user, password } = config;
  return {
    host,
    port,
    database: name,
    user,
    ...(password !== undefined && { password }),
    ssl: await tlsOf(config),
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs,
    application_name: "walras-posture",
  };
}

/** As libpq's sslmode: require only encrypts, verify-ca trusts any host of the authority, verify-full this host. */
async function tlsOf({ sslMode, sslRootCert }: DatabaseConfig): Promise<ConnectionOptions | false> {
  if (sslMode === "disable") return false;
  const ca = sslRootCert === undefined ? {} : { ca: await readFile(sslRootCert, "utf8") };
  if (sslMode === "require") return { ...ca, rejectUnauthorized: false };
  return sslMode === "verify-ca" ? { ...ca, checkServerIdentity: () => undefined } : ca;
}
