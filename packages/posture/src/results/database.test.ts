import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger, systemClock, VirtualClock } from "@walras/kit";
import { freePort, type Pair, selfSigned } from "@walras/kit/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import type { DatabaseConfig } from "../config.ts";
import { ResultsDatabase } from "./database.ts";
import { resultOf } from "./testing/result.ts";
import { Postgres } from "./testing/postgres.ts";

const connection: Omit<DatabaseConfig, "port"> = {
  host: "127.0.0.1",
  name: "postgres",
  user: Postgres.superuser,
  password: Postgres.password,
  sslMode: "disable",
  sslRootCert: undefined,
};

function resultsOn(database: DatabaseConfig, job = "job-1"): ResultsDatabase {
  return new ResultsDatabase({ database, job, clock: systemClock, rng: () => 0, logger: silentLogger });
}

describe("a database that is not there", () => {
  it("does not stop an analysis, and is complained about in the end", async () => {
    const clock = new VirtualClock();
    const database = { ...connection, port: await freePort() };
    const results = new ResultsDatabase({ database, job: "job-1", clock, rng: () => 0, logger: silentLogger });
    await results.save(resultOf({ loop: 1 }));
    await results.save(resultOf({ loop: 2 }));
    const flushed = expect(results.flush()).rejects.toMatchObject({
      message: "2 results are not in the database",
      cause: { message: expect.stringContaining("ECONNREFUSED") },
    });
    // Its tries are over when nothing is left to wait for, which takes real connections a moment each.
    const passing = setInterval(() => void clock.advance(5000), 20);
    await flushed;
    clearInterval(passing);
  });
});

describe.skipIf(!Postgres.installed)("PostgreSQL", () => {
  let folder: string;
  let tls: Pair;
  let postgres: Postgres;
  let ca: string;
  const rows = (): Promise<Record<string, unknown>[]> =>
    postgres.query("SELECT * FROM posture_results ORDER BY job, loop_index");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "database-"));
    tls = await selfSigned("postgres");
    ca = join(folder, "ca.crt");
    await writeFile(ca, tls.cert);
    postgres = await Postgres.start(tls);
  });

  afterEach(() => postgres.query("DROP TABLE IF EXISTS posture_results"));

  afterAll(async () => {
    await postgres.remove();
    await rm(folder, { recursive: true });
  });

  const databaseOf = (more: Partial<DatabaseConfig> = {}): DatabaseConfig => ({
    ...connection,
    port: postgres.port,
    ...more,
  });

  it("takes results into a table that is made with the first", async () => {
    const results = resultsOn(databaseOf());
    await results.save(resultOf({ loop: 1, gpuPct: null }));
    await results.save(resultOf({ loop: 2, piId: "Robert'); DROP TABLE posture_results;--" }));
    await results.flush();
    expect(await rows()).toMatchObject([
      {
        job: "job-1",
        loop_index: 1,
        copies_in_loop: 100,
        processed_count: 99,
        avg_process_time_seconds: 0.25,
        pi_id: "pi1",
        loop_received_time: new Date("2026-03-01T10:00:00Z"),
        avg_gpu_pct: null,
        avg_cpu_pct: 40,
        avg_ram_pct: 50,
      },
      { loop_index: 2, pi_id: "Robert'); DROP TABLE posture_results;--" },
    ]);
  });

  it("has each result once, whatever is sent again", async () => {
    for (const job of ["job-1", "job-1", "job-2"]) await resultsOn(databaseOf(), job).save(resultOf({ loop: 1 }));
    expect(await rows()).toMatchObject([{ job: "job-1" }, { job: "job-2" }]);
  });

  it("has the table made by one of many that begin together", async () => {
    const jobs = Array.from({ length: 8 }, (_, index) => `job-${index}`);
    await Promise.all(jobs.map((job) => resultsOn(databaseOf(), job).save(resultOf({ loop: 1 }))));
    expect((await rows()).map(({ job }) => job)).toEqual(jobs);
  });

  it("gets what it missed while it was away", async () => {
    const results = resultsOn(databaseOf());
    await results.save(resultOf({ loop: 1 }));
    await postgres.end();
    await results.save(resultOf({ loop: 2 }));
    await results.save(resultOf({ loop: 3 }));
    const flushed = results.flush();
    await postgres.begin();
    await flushed;
    expect((await rows()).map(({ loop_index: loop }) => loop)).toEqual([1, 2, 3]);
  });

  it("needs no right but to insert where the table is there", async () => {
    await resultsOn(databaseOf()).save(resultOf({ loop: 1 }));
    await postgres.query(`CREATE USER writer PASSWORD 'w'; GRANT INSERT ON posture_results TO writer`);
    const results = resultsOn(databaseOf({ user: "writer", password: "w" }), "job-2");
    await results.save(resultOf({ loop: 1 }));
    await results.flush();
    expect(await rows()).toHaveLength(2);
  });

  it("is believed when its certificate is vouched for, as far as sslmode says", async () => {
    const accepted = async (more: Partial<DatabaseConfig>, job: string): Promise<boolean> => {
      await resultsOn(databaseOf(more), job).save(resultOf({ loop: 1 }));
      return (await rows().catch(() => [])).some((row) => row["job"] === job);
    };
    expect(await accepted({ sslMode: "verify-full" }, "unknown authority")).toBe(false);
    expect(await accepted({ sslMode: "require" }, "encrypted only")).toBe(true);
    expect(await accepted({ sslMode: "verify-full", sslRootCert: ca }, "whole")).toBe(true);
    expect(await accepted({ sslMode: "verify-full", sslRootCert: ca, host: "127.0.0.2" }, "other host")).toBe(false);
  });
});
