import { type ExplainedKind, type Explanation, explanationSchema } from "@walras/api";
import { beforeEach, describe, expect, it } from "vitest";

import { applied, marketCluster, plain, rationed, type TestCluster } from "../testing.ts";
import { explain, type ExplainOptions } from "./explain.ts";
import { printExplanation } from "./print.ts";

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await marketCluster();
});

const usual: ExplainOptions = { carlaNamespace: "carla", batchEligible: "posture/eligible=true" };

/** Whatever is explained has the one shape. */
async function explained(
  kind: ExplainedKind,
  name: string,
  options: Partial<ExplainOptions> = {},
): Promise<Explanation> {
  return explanationSchema.parse(await explain(kind, name, { ...usual, ...options }, cluster));
}

const containers = [
  {
    name: "app",
    declaredCPURequest: "100m",
    declaredCPULimit: "500m",
    desiredCPURequest: "100m",
    desiredCPULimit: "790m",
  },
];

describe("walras explain pod", () => {
  it("tells why it has this much, since when, by which numbers, and what would change it", async () => {
    const uid = await cluster.managed({ name: "hog-0" }, { containers, desiredCPULimit: "790m" }, rationed);
    await cluster.event(
      { kind: "Pod", namespace: "shop", name: "hog-0", uid },
      { reason: "MarketRations", note: "used up" },
    );
    await cluster.event({ kind: "Pod", namespace: "shop", name: "hog-0", uid: "another" }, { reason: "Old", note: "" });
    const pod = await explained("pod", "shop/hog-0");
    expect(pod).toMatchObject({
      subject: { kind: "pod", namespace: "shop", name: "hog-0" },
      state: "Rationed",
      verdict: rationed.message,
      since: "2026-01-01T12:00:00.000Z",
      unknown: [],
      events: [{ reason: "MarketRations", message: "used up", count: 1 }],
    });
    expect(pod.reasons.map(({ reason }) => reason)).toEqual(["Rationed", "Capacity", "NodePriced"]);
    expect(pod.change).toContain("others on the node use less, or leave it");
    const numbers = Object.fromEntries(pod.numbers.map(({ name, value, unit }) => [name, `${value}${unit}`]));
    expect(numbers).toMatchObject({
      "declared request": "100m",
      "declared limit": "500m",
      "limit enforced": "790m",
      ration: "790m",
      wanted: "1650m",
      price: "4.976/core",
      credit: "-12.5core-s",
    });
    expect(pod.sources[0]).toMatchObject({ kind: "PodAllocation", namespace: "shop", name: "shop-hog-0" });
    expect(await explained("pod", "hog-0", { namespace: "shop" })).toEqual(pod);
  });

  it("tells who is not on the market, and how to put it there", async () => {
    await cluster.pod({ namespace: "other", name: "web" });
    const pod = await explained("pod", "other/web");
    expect([pod.state, pod.change]).toEqual(["NotManaged", ["kubectl -n other label pod web mbcas.io/managed=true"]]);
    expect(pod.verdict).toContain("neither it nor its namespace other");
  });

  it("does not take what was said of a predecessor of the same name for its own", async () => {
    await cluster.managed({ name: "web" }, { podUID: "gone" }, applied);
    expect(await explained("pod", "shop/web")).toMatchObject({ state: "Unknown", since: null });
  });

  it("says what it could not read", async () => {
    await cluster.managed({ name: "web" }, { containers }, applied);
    const send = cluster.send.bind(cluster);
    const { KubeError } = await import("@walras/kube");
    cluster.send = (request) =>
      request.path.includes("events")
        ? Promise.reject(new KubeError("no", { status: 403, reason: "Forbidden" }))
        : send(request);
    const pod = await explained("pod", "shop/web");
    expect(pod.unknown).toEqual(["Events: these credentials may not list them"]);
    expect([pod.state, pod.events]).toEqual(["Applied", []]);
  });

  it.each([
    ["shop/none", 'pod: "shop/none" is not there'],
    ["a/b/c", 'pod: "a/b/c" is not "name" or "namespace/name"'],
  ])("refuses %s", async (name, complaint) => {
    await expect(explained("pod", name)).rejects.toThrow(complaint);
  });
});

describe("walras explain node", () => {
  it("tells what is promised, at which price, and who is rationed", async () => {
    await cluster.managed({ name: "hog-0", request: "1500m" }, { containers }, rationed);
    await cluster.managed({ name: "web", request: "500m" }, { containers }, applied);
    await cluster.pod({ namespace: "other", name: "aside", request: "1" });
    await cluster.pod({ namespace: "other", name: "elsewhere", request: "2", node: "n2" });
    const node = await explained("node", "n1");
    expect(node.state).toBe("UsedUp");
    expect(node.verdict).toBe("its CPU is used up: 1 of 2 pods are rationed, at 4.976 a core");
    expect(node.reasons).toEqual([{ reason: "Rationed", message: `shop/hog-0: ${rationed.message}` }]);
    const numbers = new Map(node.numbers.map(({ name, value }) => [name, value]));
    expect([numbers.get("allocatable"), numbers.get("promised"), numbers.get("used")]).toEqual([4000, 3000, null]);
    expect(node.unknown).toEqual(["CPU in use: metrics.k8s.io is not served, or may not be read"]);
  });

  it("is not known while its agent is silent, whatever was said before", async () => {
    await cluster.managed({ name: "web", node: "n3" }, { containers }, applied);
    const uid = await cluster.node("n3", "2");
    const about = { kind: "Node", name: "n3", uid };
    await cluster.event(about, { reason: "AgentReporting", note: "is back", at: "2026-01-01T11:00:00.000000Z" });
    await cluster.event(about, { reason: "AgentSilent", note: "gone", type: "Warning" });
    expect(await explained("node", "n3")).toMatchObject({ state: "Unknown", since: "2026-01-01T12:00:00.000Z" });
  });

  it("has enough, or nobody on the market", async () => {
    await cluster.managed({ name: "web" }, { containers }, applied);
    expect((await explained("node", "n1")).state).toBe("Enough");
    expect((await explained("node", "n2")).state).toBe("NotManaged");
  });
});

describe("an explanation as text", () => {
  it("begins with how it stands, then why, the numbers, what would change it, and where that is from", async () => {
    await cluster.managed({ name: "hog-0" }, { containers }, rationed);
    const lines = printExplanation(await explained("pod", "shop/hog-0"), plain).split("\n");
    expect(lines.slice(0, 2)).toEqual(["pod shop/hog-0: Rationed", `  ${rationed.message}`]);
    const heads = lines.filter((line) => line !== "" && !line.startsWith(" ")).slice(1);
    expect(heads).toEqual(["why", "numbers", "what would change it", "from"]);
    expect(lines.find((line) => line.includes("ration "))).toMatch(
      /^ {2}ration +790 {2}m +shop\/shop-hog-0\.status\.rationCPU$/,
    );
  });

  it("is coloured on a terminal that has colours", async () => {
    await cluster.managed({ name: "hog-0" }, { containers }, rationed);
    const explanation = await explained("pod", "shop/hog-0");
    expect(printExplanation(explanation, { width: 80, colour: true })).toContain("\u001B[31mRationed\u001B[0m");
  });
});
