import { describe, expect, it } from "vitest";

import { Bed } from "./bed.ts";
import { failing } from "./failing.ts";

const names = ["check-0", "check-1", "g-0", "g-1", "share", "whole"] as const;

/** A map, a gang, a share and a whole GPU: all GPUs there are but a part of one. */
async function scenario(): Promise<Bed> {
  const bed = new Bed();
  await bed.begin({ a: { gpus: 3 }, b: { gpus: 3 } });
  await bed.map("check", ["0=a:0", "1=b:2"]);
  await bed.set("check", 2);
  const gang = { "gpu.walras.io/gang": "g", "gpu.walras.io/gang-size": "2" };
  for (const name of ["g-0", "g-1"]) await bed.pod(name, { annotations: { "gpu.walras.io/milli": "1000", ...gang } });
  await bed.pod("share", { annotations: { "gpu.walras.io/milli": "400" } });
  await bed.pod("whole", { annotations: { "gpu.walras.io/milli": "1000" } });
  return bed;
}

function check(bed: Bed): void {
  expect(bed.doubleBooked()).toEqual([]);
  expect(bed.places("check-0", "check-1")).toEqual(["a 0", "b 2"]);
  expect(names.filter((name) => bed.placeOf(name) === "-")).toEqual([]);
}

describe("a controller that dies after any of its writes", () => {
  it("leaves nothing that its successor does not finish, and nothing booked twice", async () => {
    const clean = { writes: 0 };
    const whole = await scenario();
    await whole.controller(30, { over: (own) => failing(own, Infinity, "killed", clean) });
    check(whole);
    expect(clean.writes).toBeGreaterThan(12);
    for (let at = 1; at <= clean.writes; at += 1) {
      const bed = await scenario();
      const first = await bed.controller(3, { over: (own) => failing(own, at, "killed", { writes: 0 }) });
      first.kill();
      expect(bed.doubleBooked()).toEqual([]);
      await bed.controller(60);
      check(bed);
    }
  });

  it("or that gets no answer to it, has them all placed in the end", async () => {
    for (let at = 1; at <= 20; at += 1) {
      const bed = await scenario();
      await bed.controller(60, { over: (own) => failing(own, at, "unanswered", { writes: 0 }) });
      check(bed);
    }
  });
});
