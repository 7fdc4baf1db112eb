import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readConfig } from "./config.ts";

const least = { MQTT_BROKER: "broker" };
const complaintAbout = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
    return "none";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the configuration", () => {
  it("is the prototype's where nothing is said", () => {
    const { broker, copies, database, modelDir } = readConfig({ ...least, DB_HOST: "db", CSV_PATH: "" });
    expect(broker).toMatchObject({ host: "broker", port: 1883, topic: "images/#" });
    expect(copies).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    expect(database).toBeNull();
    expect(existsSync(join(modelDir, "movenet-lightning.bin"))).toBe(true);
  });

  it("knows of a database only when it is told to use it", () => {
    const env = { ...least, DB_ENABLED: "true", DB_HOST: "db", DB_NAME: "n", DB_USER: "u", DB_SSLMODE: "require" };
    expect(readConfig(env).database).toEqual({
      host: "db",
      port: 5432,
      name: "n",
      user: "u",
      password: undefined,
      sslMode: "require",
      sslRootCert: undefined,
    });
  });

  it.each([
    [{}, "MQTT_BROKER: undefined is not valid"],
    [{ ...least, MQTT_PORT: "99999" }, 'MQTT_PORT: "99999" is not valid'],
    [{ ...least, NUM_WORKERS: "0" }, 'NUM_WORKERS: "0" is not valid'],
    [{ ...least, COPIES_SCHEDULE: "100,,300" }, 'COPIES_SCHEDULE: "100,,300" is not valid'],
    [{ ...least, COPIES_SCHEDULE: "100,0" }, 'COPIES_SCHEDULE: "100,0" is not valid'],
    [{ ...least, DB_ENABLED: "perhaps" }, 'DB_ENABLED: "perhaps" is not valid'],
    [{ ...least, DB_SSLMODE: "prefer" }, 'DB_SSLMODE: "prefer" is not valid'],
    [{ ...least, DB_ENABLED: "true" }, "DB_HOST: undefined is needed with DB_ENABLED=true"],
  ])("%j is told as %s", (env, complaint) => {
    expect(complaintAbout(env)).toContain(complaint);
  });
});
