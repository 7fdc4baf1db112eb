import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { type CountedScaledJob, RunKeeper } from "./runKeeper.ts";

const web: CountedScaledJob = { uid: "web", namespace: "posture", name: "web", runs: "" };
const mail: CountedScaledJob = { uid: "mail", namespace: "posture", name: "mail", runs: "" };

let clock: VirtualClock;
let refuses: string | null;
let told: string[];
let written: string[];
let keeper: RunKeeper;

beforeEach(() => {
  clock = new VirtualClock();
  refuses = null;
  told = [];
  written = [];
  keeper = new RunKeeper({
    scaledJobs: () => [web, mail],
    record: ({ uid }) => {
      if (uid === "mail") throw new Error("its record cannot be read");
      return "one run";
    },
    port: {
      write: ({ name }, record) => {
        written.push(`${name}: ${record}`);
        return refuses === null ? Promise.resolve() : Promise.reject(new Error(refuses));
      },
    },
    clock,
    logger: {
      ...silentLogger,
      warn: (fields: { scaledJob: string; error: string }) => told.push(fields.error),
    } as never,
  });
});

describe("B3: runs that cannot be recorded", () => {
  it("are told once and tried again every few seconds, and one bad object does not stop the others", async () => {
    refuses = 'scaledjobs.keda.sh "web" is forbidden';
    for (let tick = 0; tick < 48; tick += 1) {
      await keeper.keep();
      await clock.advance(250);
    }
    expect(told.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(["its record cannot be read", refuses]);
    expect(written).toHaveLength(3);
  });

  it("are written once, until that must have been seen", async () => {
    for (let tick = 0; tick < 10; tick += 1) await keeper.keep();
    expect(written).toEqual(["web: one run"]);
  });
});
