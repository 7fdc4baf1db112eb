import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { installScheduler, race, type RaceResult } from "../bench/gpuRace/race.ts";
import { openStage, type Stage } from "../harness/stage.ts";

let stage: Stage;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-claims");
  await installScheduler(stage.cluster);
});

afterAll(async () => {
  await stage?.close();
});

describe.skipIf(!inject("local"))("resource claims on fake nodes", () => {
  describe("for which two of our processes and kube-scheduler race, of which one is stopped and one is killed", () => {
    let result: RaceResult;

    beforeAll(async () => {
      result = await race({ ...stage, size: { nodes: 20, pods: 400 }, withinMs: 150_000 });
      process.stdout.write(`${JSON.stringify(result)}\n`);
    });

    it("never have a device in use twice, at any moment", () => {
      expect(result.inUseTwice).toEqual([]);
    });

    it("have each device once at the end, and all of them", () => {
      expect([result.twiceAtEnd, result.allocatedAtEnd]).toEqual([[], 160]);
    });

    it("are allocated and reserved before their pods are bound", () => {
      expect(result.unserved).toEqual([]);
    });

    it("go to both", () => {
      expect(Object.keys(result.bound).toSorted()).toEqual(["default-scheduler", "gpu-scheduler"]);
    });
  });
});
