import { beforeEach, describe, expect, it } from "vitest";

import { Bed, type PodGiven } from "./bed.ts";
import { failing } from "./failing.ts";

let bed: Bed;

const share = (milli: number, priority = 0, more: PodGiven = {}): PodGiven => ({
  ...more,
  annotations: { "gpu.walras.io/milli": String(milli), ...more.annotations },
  spec: { priority, ...more.spec },
});
const gang = (name: string, size: number, priority = 0): PodGiven =>
  share(1000, priority, { annotations: { "gpu.walras.io/gang": name, "gpu.walras.io/gang-size": String(size) } });

const gone = (...names: readonly string[]): string[] => names.filter((name) => bed.get(name) === undefined);
const isEviction = ({ path }: { readonly path: string }): boolean => path.endsWith("/eviction");

beforeEach(() => {
  bed = new Bed();
});

describe("a pod without a place", () => {
  it("has the lowest of lower priority evicted, and gets its GPU", async () => {
    await bed.begin({ a: { gpus: 2 }, b: { gpus: 1 } });
    await bed.pod("low", share(1000, 1));
    await bed.pod("mid", share(1000, 5));
    await bed.pod("high", share(1000, 9));
    await bed.controller();
    const place = bed.placeOf("low");
    await bed.pod("urgent", share(1000, 7));
    await bed.pass(15);
    expect(gone("low", "mid", "high")).toEqual(["low"]);
    expect(bed.placeOf("urgent")).toBe(place);
    expect(bed.get("urgent")?.status?.["nominatedNodeName"]).toBe(place.split(" ")[0]);
    expect(bed.events("low")).toEqual(["Scheduled", "Preempted"]);
    expect(bed.events("urgent")).toEqual(["Nominated", "FailedScheduling", "Scheduled"]);
  });

  it.each([
    ["of the same priority", share(1000, 1)],
    ["whose preemptionPolicy is Never", share(1000, 9, { spec: { preemptionPolicy: "Never" } })],
    ["that would not fit after that", share(3000, 9)],
    ["that has not the CPU after that either", share(1000, 9, { requests: { cpu: "6" } })],
  ])("%s has nobody evicted", async (_, given) => {
    await bed.begin({ a: { gpus: 2 } });
    await bed.pod("other", { requests: { cpu: "4" }, spec: { schedulerName: "default-scheduler", nodeName: "a" } });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000, 1));
    await bed.controller();
    await bed.pod("wants", given);
    await bed.pass(30);
    expect([gone("x", "y", "other"), bed.placeOf("wants")]).toEqual([[], "-"]);
    expect(bed.events("wants")).toEqual(["FailedScheduling"]);
  });

  it("has nobody evicted where preemption is off", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.pod("low", share(1000));
    await bed.controller(3, { args: ["--no-gpu-preemption"] });
    await bed.pod("urgent", share(1000, 9));
    await bed.pass(30);
    expect(bed.places("low", "urgent")).toEqual(["a 0", "-"]);
  });

  it("has the fewest evicted: one whole rather than four shares", async () => {
    await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 } });
    for (const name of ["w", "x", "y", "z"]) await bed.pod(name, share(250));
    await bed.pod("whole", share(1000));
    await bed.controller();
    await bed.pod("urgent", share(1000, 9));
    await bed.pass(15);
    expect(gone("w", "x", "y", "z", "whole")).toEqual(["whole"]);
    expect(bed.placeOf("urgent")).not.toBe("-");
  });

  it("gets GPUs of a device plugin in the same way", async () => {
    await bed.begin({ a: { gpus: 2, plugin: true } });
    for (const name of ["x", "y"]) await bed.pod(name, { requests: { "nvidia.com/gpu": "1" } });
    await bed.controller();
    await bed.pod("urgent", { requests: { "nvidia.com/gpu": "2" }, spec: { priority: 3 } });
    await bed.pass(15);
    expect([gone("x", "y"), bed.placeOf("urgent")]).toEqual([["x", "y"], "a"]);
  });
});

describe("a pod that is bound in the same cycle", () => {
  it("is not kept from its place by room that is made for another", async () => {
    await bed.begin({ a: { gpus: 2, cpu: "8" } });
    const four: PodGiven = { requests: { cpu: "4" } };
    await bed.pod("low", share(1000, 0, four));
    await bed.controller();
    await bed.pod("first", share(1000, 9, four));
    await bed.pod("second", share(1000, 5, four));
    await bed.pass(15);
    expect([gone("low"), bed.places("first", "second")]).toEqual([["low"], ["a 1", "a 0"]]);
    expect(bed.events("first")).toEqual(["Scheduled"]);
  });
});

describe("those who leave", () => {
  it("have their grace period, and nobody else gets what they leave", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.pod("low", share(1000, 1, { spec: { terminationGracePeriodSeconds: 60 } }));
    await bed.controller();
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(5);
    expect(bed.get("low")?.metadata.deletionGracePeriodSeconds).toBe(60);
    expect(bed.whyNot("urgent")).toContain("Room is made for it on a: 1 pod(s) leave.");
    for (const name of ["small", "other"]) await bed.pod(name, share(500, 2));
    await bed.pass(60);
    expect(bed.places("urgent", "small", "other")).toEqual(["-", "-", "-"]);
    await bed.stopped("low");
    await bed.pass(15);
    expect(bed.places("urgent", "small", "other")).toEqual(["a 0", "-", "-"]);
  });

  it("are waited for until their GPU is seen to be free, and nobody else goes meanwhile", async () => {
    await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 } });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000));
    await bed.controller();
    await bed.pod("urgent", share(1000, 5));
    for (const node of ["a", "b"]) bed.facts.change(node, 0, { foreignPids: [] });
    await bed.pass(1);
    const [left = ""] = gone("x", "y");
    const node = bed.placeOf(left === "x" ? "y" : "x") === "a 0" ? "b" : "a";
    bed.facts.change(node, 0, { foreignPids: [77] });
    await bed.pass(60);
    expect(gone("x", "y")).toEqual([left]);
    bed.facts.change(node, 0, { foreignPids: [] });
    await bed.pass(15);
    expect([gone("x", "y"), bed.placeOf("urgent")]).toEqual([[left], `${node} 0`]);
  });

  it("are those whose budgets let them, and nobody where none does", async () => {
    await bed.begin({ a: { gpus: 2 } });
    await bed.budget("kept", { app: "kept" }, 0);
    await bed.pod("kept", share(1000, 0, { labels: { app: "kept" } }));
    await bed.pod("free", share(1000, 1));
    await bed.controller();
    await bed.runs("kept", "free");
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(15);
    expect([gone("kept", "free"), bed.placeOf("urgent")]).toEqual([["free"], expect.stringContaining("a ")]);
    await bed.pod("both", share(2000, 9));
    await bed.pass(30);
    expect([gone("kept", "urgent"), bed.placeOf("both")]).toEqual([[], "-"]);
  });

  it("are not evicted one by one where a budget lets only some of them", async () => {
    await bed.begin({ a: { gpus: 2 } });
    await bed.budget("one", { app: "x" }, 1);
    for (const name of ["x", "y"]) await bed.pod(name, share(1000, 0, { labels: { app: "x" } }));
    await bed.controller();
    await bed.runs("x", "y");
    await bed.pod("urgent", share(2000, 5));
    await bed.pass(60);
    expect([gone("x", "y"), bed.placeOf("urgent")]).toEqual([[], "-"]);
  });

  it("do not leave where the API server refuses it: another does, and the nomination is taken back", async () => {
    await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 } });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000));
    await bed.controller();
    bed.api.faults.rejectNext(1, { status: 429, filter: isEviction });
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(20);
    expect(bed.events("urgent")).toContain("PreemptionFailed");
    expect(gone("x", "y")).toHaveLength(1);
    expect(bed.placeOf("urgent")).not.toBe("-");
  });

  it("are never those of a map: their GPUs are kept for them", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.map("check", ["0=a:0"]);
    await bed.set("check", 1);
    await bed.controller();
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(30);
    expect(bed.places("check-0", "urgent")).toEqual(["a 0", "-"]);
  });
});

describe("a gang", () => {
  it("has as many evicted as all of it need, or nobody", async () => {
    await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 }, c: { gpus: 1 } });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000));
    await bed.pod("strong", share(1000, 9));
    await bed.controller();
    await bed.set("g", 3, gang("g", 3, 5));
    await bed.pass(30);
    expect(gone("x", "y", "strong")).toEqual([]);
    await bed.remove("g-2");
    await bed.set("h", 2, gang("h", 2, 6));
    await bed.pass(30);
    expect(gone("x", "y", "strong")).toEqual(["x", "y"]);
    expect(bed.places("h-0", "h-1").includes("-")).toBe(false);
    expect(bed.doubleBooked()).toEqual([]);
  });

  it("is broken last, and all of it are told", async () => {
    await bed.begin({ a: { gpus: 3 } });
    for (const name of ["g-0", "g-1"]) await bed.pod(name, gang("g", 2));
    await bed.pod("single", share(1000, 3));
    await bed.controller();
    await bed.pod("first", share(1000, 5));
    await bed.pass(15);
    expect(gone("g-0", "g-1", "single")).toEqual(["single"]);
    await bed.pod("second", share(1000, 4));
    await bed.pass(15);
    const [left = "", ...others] = gone("g-0", "g-1");
    expect([left === "", others]).toEqual([false, []]);
    expect(bed.events(left === "g-0" ? "g-1" : "g-0")).toContain("GpuGangBroken");
  });
});

describe("a more important pod", () => {
  it("takes the room that is made for another, and nobody more is evicted", async () => {
    await bed.begin({ a: { gpus: 1 } });
    await bed.pod("low", share(1000, 1, { spec: { terminationGracePeriodSeconds: 30 } }));
    await bed.controller();
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(3);
    await bed.pod("more", share(1000, 9));
    await bed.pass(3);
    await bed.stopped("low");
    await bed.pass(15);
    expect(bed.places("urgent", "more")).toEqual(["-", "a 0"]);
    expect(bed.get("urgent")?.status?.["nominatedNodeName"]).toBeUndefined();
  });
});

/** Two nodes of two GPUs, all held; one pod wants two of a node. */
async function wantsTwo(): Promise<Bed> {
  const own = new Bed();
  await own.begin({ a: { gpus: 2 }, b: { gpus: 2 } });
  for (const name of ["w", "x", "y", "z"]) await own.pod(name, share(1000));
  const first = await own.controller();
  first.kill();
  await own.pod("urgent", share(2000, 5));
  return own;
}

describe("a controller that dies after any of its writes, or gets no answer to it", () => {
  it.each(["killed", "unanswered"] as const)("evicts no more than are needed: %s", async (how) => {
    const clean = { writes: 0 };
    const whole = await wantsTwo();
    await whole.controller(60, { over: (own) => failing(own, Infinity, how, clean) });
    expect(whole.placeOf("urgent")).not.toBe("-");
    expect(clean.writes).toBeGreaterThan(5);
    for (let at = 1; at <= clean.writes; at += 1) {
      const own = await wantsTwo();
      const leader = await own.controller(30, { over: (line) => failing(line, at, how, { writes: 0 }) });
      if (how === "killed") {
        leader.kill();
        await own.controller(30);
      }
      await own.pass(60);
      const left = ["w", "x", "y", "z"].filter((name) => own.get(name) === undefined);
      expect([at, left.length, own.placeOf("urgent") === "-", own.doubleBooked()]).toEqual([at, 2, false, []]);
    }
  });
});

describe("a controller that dies while others leave", () => {
  it("has a successor that evicts nobody else", async () => {
    await bed.begin({ a: { gpus: 1 }, b: { gpus: 1 } });
    for (const name of ["x", "y"]) await bed.pod(name, share(1000, 0, { spec: { terminationGracePeriodSeconds: 40 } }));
    const first = await bed.controller();
    await bed.pod("urgent", share(1000, 5));
    await bed.pass(2);
    const leaving = ["x", "y"].filter((name) => bed.get(name)?.metadata.deletionTimestamp !== undefined);
    expect(leaving).toHaveLength(1);
    first.kill();
    await bed.controller(30);
    await bed.stopped(leaving[0] ?? "");
    await bed.pass(20);
    expect(gone("x", "y")).toEqual(leaving);
    expect(bed.placeOf("urgent")).not.toBe("-");
  });
});
