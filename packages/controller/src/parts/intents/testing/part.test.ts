import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import { IntentBed } from "./bed.ts";

let bed: IntentBed;

const replicas = (): number => bed.cluster.replicas("web");
const isWrite = ({ method, path, query }: KubeRequest): boolean =>
  method !== "GET" && query?.["dryRun"] === undefined && !path.includes("/leases") && !path.includes("/events");

beforeEach(async () => {
  bed = new IntentBed();
  await bed.begin();
});

describe("an Intent", () => {
  it("whose objective is missed gets what the model says, and says what was done", async () => {
    await bed.intent();
    await bed.controller(10);
    expect(replicas()).toBe(4);
    expect(bed.status()).toMatchObject({
      observedGeneration: 1,
      verdict: "Planned",
      lastPlan: { actions: [{ name: "scaleOut", properties: { factor: 2 } }], outcome: "Done" },
    });
    expect([bed.condition("Fulfilled"), bed.condition("Degraded")]).toEqual([
      "False ObjectivesMissed",
      "False PlanExecuted",
    ]);
    expect(bed.told()).toContain("PlanExecuted");
    expect(bed.profileStatus("p99")).toEqual({ resolved: true, reason: "ok" });
  });

  it("is fulfilled by it, and it is said what was seen", async () => {
    await bed.intent();
    await bed.controller(10);
    bed.measure(0.0295, 4800);
    await bed.pass(100);
    expect([bed.status().verdict, bed.condition("Fulfilled")]).toEqual(["Fulfilled", "True ObjectivesMet"]);
    expect(bed.status().lastPlan).toMatchObject({ outcome: "AsPredicted" });
    expect(replicas()).toBe(4);
  });

  it("of which telemetry is cut is unknown, and nothing is done, however long", async () => {
    await bed.controller(5);
    bed.measured = new Map([["shop/rps", { kind: "stale", value: 1, ageSeconds: 400 }]]);
    await bed.intent();
    await bed.pass(600);
    expect([replicas(), bed.status().verdict, bed.condition("Unknown")]).toEqual([2, "Unknown", "True NotMeasured"]);
    expect(bed.status().lastPlan).toBeUndefined();
  });

  it("gives back in one plan what it does not need, and nothing before that has been so for a while", async () => {
    await bed.cluster.patch(
      { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true },
      "web",
      { spec: { replicas: 5 } },
    );
    await bed.intent();
    bed.measure(0.001, 10);
    await bed.controller(60);
    expect(replicas()).toBe(5);
    await bed.pass(180);
    expect(replicas()).toBe(1);
    for (const pod of bed.cluster.podNames("web")) expect(bed.cluster.annotations(pod)).toEqual({});
  });

  it("that is not active is planned for and told, and nothing is done", async () => {
    await bed.intent("web", { active: false });
    await bed.controller(60);
    expect([replicas(), bed.status().lastPlan?.outcome, bed.told()]).toEqual([2, "Drafted", ["PlanDrafted"]]);
  });

  it("leaves replicas to an autoscaler, and names it", async () => {
    await bed.post(
      {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        plural: "horizontalpodautoscalers",
        namespaced: true,
      },
      "hpa",
      { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 9 },
    );
    await bed.intent();
    await bed.controller(60);
    expect([replicas(), bed.status().verdict, bed.condition("Conflict")]).toEqual([2, "Conflict", "True OtherOwner"]);
    expect(bed.told()).toEqual(["IntentConflict"]);
  });

  it("that cannot be read says so, and stops nobody", async () => {
    await bed.intent("bad", { targetRef: { kind: "Deployment", name: "web" } });
    await bed.intent();
    await bed.controller(10);
    expect([bed.status("bad").verdict, replicas()]).toEqual(["Invalid", 4]);
  });

  it("is planned for at once when it is there, or is changed", async () => {
    await bed.controller(10);
    await bed.intent("web", { active: false });
    await bed.pass(3);
    expect(bed.status().lastPlan?.outcome).toBe("Drafted");
    await bed.edit("web", { active: true });
    await bed.pass(3);
    expect(replicas()).toBe(4);
  });
});

/** What happens at the nth write: nothing of this process reaches the server after it, or its answer is lost. */
function failing(own: KubeTransport, at: number, how: "killed" | "unanswered" | "refused", seen: { writes: number }) {
  const never = new Promise<never>(() => undefined);
  const dead = (): boolean => how === "killed" && seen.writes >= at;
  return {
    stream: (request: KubeRequest) => (dead() ? never : own.stream(request)),
    send: async (request: KubeRequest) => {
      if (dead()) return never;
      if (isWrite(request)) seen.writes += 1;
      const hit = isWrite(request) && seen.writes === at;
      if (hit && how === "refused") throw new KubeError("forbidden", { status: 403, reason: "Forbidden" });
      const answer = await own.send(request);
      if (hit && how === "unanswered") throw new KubeError("no answer", { status: 0, reason: "" });
      return hit || dead() ? never : answer;
    },
  };
}

describe("a controller that dies after any of its writes", () => {
  async function scenario(): Promise<IntentBed> {
    const made = new IntentBed();
    await made.begin();
    await made.cluster.patch(
      { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true },
      "web",
      { spec: { replicas: 5 } },
    );
    await made.intent();
    made.measure(0.001, 10);
    return made;
  }

  it.each(["killed", "unanswered", "refused"] as const)(
    "or whose write is %s leaves one plan done once, and no mark",
    async (how) => {
      const clean = { writes: 0 };
      bed = await scenario();
      await bed.controller(240, (own) => failing(own, Infinity, how, clean));
      expect([replicas(), clean.writes > 6]).toEqual([1, true]);
      for (let at = 1; at <= clean.writes; at += 1) {
        bed = await scenario();
        const first = await bed.controller(240, (own) => failing(own, at, how, { writes: 0 }));
        if (how === "killed") {
          first.kill();
          await bed.controller(300);
        } else await bed.pass(700);
        expect([at, replicas()]).toEqual([at, 1]);
        for (const pod of bed.cluster.podNames("web")) expect(bed.cluster.annotations(pod)).toEqual({});
      }
    },
    120_000,
  );
});

describe("two controllers", () => {
  it("do a plan once, and the second goes on where the first was killed", async () => {
    await bed.intent();
    const first = await bed.controller(10);
    await bed.controller(30);
    expect(replicas()).toBe(4);
    first.kill();
    // What was done shows, until the second leads and has looked.
    bed.measure(0.022, 4800);
    await bed.pass(60);
    expect(replicas()).toBe(4);
    bed.measure(0.04, 4800);
    await bed.pass(60);
    expect(replicas()).toBeGreaterThan(4);
  });

  it("and the second looks as soon as it leads, not when its next look would have been", async () => {
    await bed.intent();
    const first = await bed.controller(10);
    await bed.controller(36);
    first.kill();
    expect(bed.status().verdict).not.toBe("Fulfilled");
    bed.measure(0.02, 4800);
    // It has looked 45 s after it was started, and would again 45 s later; the Lease takes 13 s.
    await bed.pass(20);
    expect(bed.status().verdict).toBe("Fulfilled");
  });
});
