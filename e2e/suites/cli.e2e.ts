import { annotations, explanationSchema } from "@walras/api";
import { beforeEach, describe, expect, inject, it } from "vitest";
import { z } from "zod";

import { startLoad } from "../harness/load.ts";
import { marketBed } from "../harness/marketBed.ts";
import { eventually } from "../harness/wait.ts";

const bed = marketBed("cli", "node1");

/** What the command line prints as JSON, as whoever may do everything. */
async function walras<Schema extends z.ZodType>(schema: Schema, ...args: readonly string[]): Promise<z.output<Schema>> {
  return schema.parse(JSON.parse(await bed.stage.cluster.walras(...args, "-o", "json")));
}

const milli = z.number().min(0).nullable();
const topNodes = z.array(
  z.object({ node: z.string(), price: milli, promisedMilli: z.number(), managed: z.number(), rationed: z.number() }),
);
const topPods = z.array(
  z.object({ namespace: z.string(), pod: z.string(), requestMilli: milli, rationMilli: milli, reason: z.string() }),
);
const planned = z.object({
  pods: z.array(z.object({ pod: z.string(), changeMilli: z.number().nullable(), reason: z.string() })),
  sum: z.object({ pods: z.number(), nowMilli: z.number(), proposedMilli: z.number() }),
});
const savings = z.object({
  namespaces: z.array(
    z.object({ namespace: z.string(), pods: z.number(), allMilli: z.number(), otherPods: z.number() }),
  ),
  notKnown: z.array(z.string()).min(1),
});
const findings = z.array(z.object({ check: z.string(), verdict: z.enum(["ok", "warn", "fail"]), detail: z.string() }));

const throttled = z.array(z.object({ throttledSecondsPerMinute: z.number().min(0).nullable() }));

describe.skipIf(!inject("local"))("the command line on a cluster where the market runs", () => {
  let url = "";

  beforeEach(async () => {
    const { cluster, namespace } = bed.stage;
    const controller = await bed.controller();
    ({ url } = controller);
    await bed.agent(controller);
    const share = { namespace, node: bed.node, request: "100m", limit: "200m" };
    // One alone would have nobody beside it who gained by its ration.
    for (const [name, cores, weight] of [
      ["hog", 2, 1],
      ["rival", 2, 4],
      ["calm", 0, 1],
    ] as const)
      await startLoad(cluster, { ...share, name, cores, annotations: { [annotations.weight]: String(weight) } });
    await eventually(
      "rations",
      () => bed.outcomeOf("hog"),
      (outcome) => outcome === "Applied Rationed",
      60_000,
    );
    await eventually(
      "the calm one's record",
      () => bed.outcomeOf("calm"),
      (outcome) => outcome.startsWith("Applied"),
    );
  });

  it("says who is rationed, at which price and why, what is proposed and saved, and that all is there", async () => {
    const { namespace } = bed.stage;
    const nodes = await walras(topNodes, "top", "nodes");
    const [first] = nodes;
    expect(first).toMatchObject({ node: bed.node, managed: 3 });
    expect(first?.price).toBeGreaterThan(0);
    expect(first?.rationed).toBeGreaterThan(0);
    const pods = await walras(topPods, "top", "pods", "-n", namespace, "--sort", "rationed");
    expect(pods.map(({ pod }) => pod).toSorted()).toEqual(["calm", "hog", "rival"]);
    expect(pods[0]?.pod).toBe("hog");
    expect(pods[0]?.rationMilli).toBeGreaterThan(0);

    const hog = await walras(explanationSchema, "explain", "pod", `${namespace}/hog`);
    expect([hog.state, hog.unknown]).toEqual(["Rationed", []]);
    expect(hog.since).not.toBeNull();
    expect(hog.events.map(({ reason }) => reason)).toContain("MarketRations");
    expect(hog.numbers.find(({ name }) => name === "wanted")?.value).toBeGreaterThan(100);
    const node = await walras(explanationSchema, "explain", "node", bed.node);
    expect(node.state).toBe("UsedUp");
    expect(node.reasons.map(({ message }) => message).join("\n")).toContain(`${namespace}/hog`);

    const plan = await walras(planned, "plan", "-n", namespace);
    expect(plan.pods.map(({ pod }) => pod).toSorted()).toEqual(["calm", "hog", "rival"]);
    const saved = await walras(savings, "savings", "-n", namespace);
    expect(saved.namespaces).toMatchObject([{ namespace, otherPods: 0 }]);
    const checks = await walras(findings, "doctor");
    expect(checks.find(({ check }) => check === "PodAllocation CRD")?.verdict).toBe("ok");
  });

  it("says how much pods and their node are throttled, where the controller is asked, and nothing where it is not", async () => {
    const { namespace } = bed.stage;
    for (const what of [["nodes"], ["pods", "-n", namespace]]) {
      const told = await eventually(
        `what is throttled of ${what[0]}`,
        () => walras(throttled, "top", ...what, "--sort", "throttled", "--view", url),
        ([first]) => (first?.throttledSecondsPerMinute ?? 0) > 0,
      );
      expect(told.length).toBeGreaterThan(0);
      const untold = await walras(throttled, "top", ...what);
      expect(new Set(untold.map(({ throttledSecondsPerMinute }) => throttledSecondsPerMinute))).toEqual(
        new Set([null]),
      );
    }
  });

  it("says of a pod outside the market that it is, and of one that is not there that it is not", async () => {
    const { cluster, namespace } = bed.stage;
    const labels = { "mbcas.io/managed": "false" };
    await startLoad(cluster, { namespace, name: "aside", node: bed.node, cores: 0, request: "50m", labels });
    const aside = await walras(explanationSchema, "explain", "pod", `${namespace}/aside`);
    expect(aside.state).toBe("NotManaged");
    await expect(walras(explanationSchema, "explain", "pod", `${namespace}/none`)).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
