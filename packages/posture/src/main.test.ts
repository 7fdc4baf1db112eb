import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Mosquitto, selfSigned } from "@walras/kit/testing";
import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { personJpeg } from "./pose/testing/person.ts";
import { Postgres } from "./results/testing/postgres.ts";

let folder: string;
const begun: ChildProcess[] = [];

interface Run {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly log: () => string;
}

function analyzer(env: Record<string, string>): Run {
  const program = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "ignore", "pipe"] });
  begun.push(child);
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { process: child, ended, log: () => log };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "analyzer-"));
});

afterAll(async () => {
  for (const child of begun) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

describe("the analyzer", () => {
  it("says which variable is wrong and ends with 2", async () => {
    const run = analyzer({ MQTT_BROKER: "127.0.0.1", MQTT_PORT: "zero" });
    expect(await run.ended).toBe(2);
    expect(run.log()).toContain('MQTT_PORT: \\"zero\\" is not valid');
  });
});

describe.skipIf(!Mosquitto.installed || !Postgres.installed)("the analyzer, with mosquitto and PostgreSQL", () => {
  let mosquitto: Mosquitto;
  let postgres: Postgres;
  let camera: MqttClient;
  let person: Buffer;

  beforeAll(async () => {
    person = await personJpeg();
    postgres = await Postgres.start(await selfSigned("postgres"));
    mosquitto = await Mosquitto.start();
    camera = connect(`mqtt://127.0.0.1:${mosquitto.port}`, { reconnectPeriod: 50 });
    camera.on("error", () => undefined);
    await new Promise<void>((resolve) => camera.once("connect", () => resolve()));
  });

  afterAll(async () => {
    camera.end(true);
    await mosquitto.remove();
    await postgres.remove();
  });

  const environment = (name: string, copies: string): Record<string, string> => ({
    MQTT_BROKER: "127.0.0.1",
    MQTT_PORT: String(mosquitto.port),
    NUM_WORKERS: "2",
    COPIES_SCHEDULE: copies,
    OUTPUT_DIR: join(folder, name, "pictures"),
    CSV_PATH: join(folder, name, "results.csv"),
    POD_NAME: name,
    DB_ENABLED: "true",
    DB_HOST: "127.0.0.1",
    DB_PORT: String(postgres.port),
    DB_NAME: "postgres",
    DB_USER: Postgres.superuser,
    DB_PASSWORD: Postgres.password,
    DB_SSLMODE: "disable",
  });

  const rowsOf = async (name: string): Promise<string[]> =>
    (await readFile(join(folder, name, "results.csv"), "utf8")).trimEnd().split("\n").slice(1);

  it("reads pictures, writes what it found everywhere, and ends; no password is in its log", async () => {
    const run = analyzer(environment("whole", "3,5"));
    await expect.poll(run.log, { timeout: 10_000 }).toContain("subscribed");
    await mosquitto.end();
    mosquitto.begin();
    await expect.poll(() => run.log().split('"subscribed"').length, { timeout: 10_000 }).toBe(3);
    await camera.publishAsync("images/pi1", "this is text", { qos: 1 });
    await camera.publishAsync("images/pi1", person, { qos: 1 });
    await camera.publishAsync("images/pi2", person, { qos: 1 });
    expect(await run.ended, run.log()).toBe(0);
    const [one, two] = (await rowsOf("whole")).map((row) => row.split(","));
    expect([one?.slice(0, 3), one?.[4]]).toEqual([["1", "3", "3"], "pi1"]);
    expect([two?.slice(0, 3), two?.[4]]).toEqual([["2", "5", "5"], "pi2"]);
    expect(await readdir(join(folder, "whole", "pictures"))).toEqual([
      expect.stringMatching(/^01-pi1-.*\.jpg$/),
      expect.stringMatching(/^02-pi2-.*\.jpg$/),
    ]);
    const sent = await postgres.query("SELECT job, loop_index, processed_count, pi_id FROM posture_results ORDER BY 2");
    expect(sent).toEqual([
      { job: "whole", loop_index: 1, processed_count: 3, pi_id: "pi1" },
      { job: "whole", loop_index: 2, processed_count: 5, pi_id: "pi2" },
    ]);
    expect(run.log()).toContain("picture skipped");
    expect(run.log()).toContain('"keypoints":17');
    expect(run.log()).not.toContain(Postgres.password);
  });

  it("writes what it has when it is told to stop", async () => {
    const run = analyzer(environment("stopped", "100000"));
    await expect.poll(run.log, { timeout: 10_000 }).toContain("subscribed");
    await camera.publishAsync("images/pi1", person, { qos: 1 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    run.process.kill("SIGTERM");
    expect(await run.ended, run.log()).toBe(0);
    const [row] = await rowsOf("stopped");
    const [, copies, processed] = (row ?? "").split(",").map(Number);
    expect(copies).toBe(100_000);
    expect(processed).toBeGreaterThan(0);
    expect(processed).toBeLessThan(100_000);
  });
});
