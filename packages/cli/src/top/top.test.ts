import { beforeEach, describe, expect, it } from "vitest";

import { throttlingOf } from "../cluster/throttling.ts";
import { applied, marketCluster, plain, rationed, type TestCluster } from "../testing.ts";
import { printNodes, printPods } from "./print.ts";
import { topNodes, topPods } from "./top.ts";

let cluster: TestCluster;
let hogUid: string;
const containers = [{ name: "app", declaredCPURequest: "200m", desiredCPURequest: "100m" }];

beforeEach(async () => {
  cluster = await marketCluster();
  hogUid = await cluster.managed({ name: "hog", request: "1500m" }, { containers }, rationed);
  await cluster.managed({ name: "web", request: "300m", node: "n2" }, { containers }, applied);
  await cluster.managed(
    { name: "held", node: "n2" },
    { containers },
    { ...applied, binding: "Held", reason: "Unknown" },
  );
  await cluster.pod({ namespace: "other", name: "aside", request: "250m", node: "n2" });
});

describe("walras top nodes", () => {
  it("sorts by price, and counts what is promised, rationed and held; what is not measured is not 0", async () => {
    const rows = await topNodes(cluster, { sort: "price" });
    expect(rows).toMatchObject([
      {
        node: "n1",
        price: 4.976,
        allocatableMilli: 4000,
        promisedMilli: 1500,
        managed: 1,
        rationed: 1,
        usedMilli: null,
      },
      { node: "n2", price: 0, promisedMilli: 650, pods: 3, managed: 2, rationed: 0, unknown: 1 },
    ]);
    expect((await topNodes(cluster, { sort: "name" })).map(({ node }) => node)).toEqual(["n1", "n2"]);
    const [head, first] = printNodes(rows, plain).split("\n");
    expect(head?.split(/ {2,}/)).toEqual([
      "NODE",
      "PRICE",
      "OF REQUESTS",
      "ALLOCATABLE",
      "PROMISED",
      "USED",
      "THROTTLED s/min",
      "PODS",
      "ON MARKET",
      "RATIONED",
      "HELD",
    ]);
    expect(first?.split(/ {2,}/)).toEqual(["n1", "4.98", "0", "4000m", "1500m", "-", "-", "1", "1", "1", "0"]);
  });
});

describe("walras top with a controller's view", () => {
  const seen = (): ReturnType<typeof throttlingOf> => {
    const told = { podUid: hogUid, containerId: "c", usageMilli: 790, throttledMilli: 350, ageMs: 900 };
    return throttlingOf({ nodes: [{ node: "n1", containers: [told] }] });
  };

  it("shows how much is throttled, the most first where asked; who is not known comes last, and is not 0", async () => {
    const options = { sort: "throttled", throttling: seen() } as const;
    const pods = await topPods(cluster, options);
    expect(pods.map(({ pod, throttledSecondsPerMinute }) => [pod, throttledSecondsPerMinute])).toEqual([
      ["hog", 21],
      ["held", null],
      ["web", null],
    ]);
    const nodes = await topNodes(cluster, options);
    expect(nodes).toMatchObject([
      { node: "n1", throttledSecondsPerMinute: 21 },
      { node: "n2", throttledSecondsPerMinute: null },
    ]);
    const lines = printNodes(nodes, plain).split("\n").slice(1, 3);
    expect(lines.map((line) => line.split(/ {2,}/)[6])).toEqual(["21.0", "-"]);
    expect(printPods(pods, plain).split("\n")[1]).toMatch(/ 790m +- +21\.0 +790m /);
  });
});

describe("walras top pods", () => {
  it("shows those on the market with what they are told, of one namespace where asked", async () => {
    const rows = await topPods(cluster, { sort: "price" });
    expect(rows.map(({ pod }) => pod)).toEqual(["hog", "held", "web"]);
    expect(rows[0]).toMatchObject({
      namespace: "shop",
      node: "n1",
      requestMilli: 100,
      limitMilli: 790,
      declaredMilli: 200,
      rationMilli: 790,
      binding: "Capacity",
      reason: "Rationed",
    });
    expect(await topPods(cluster, { sort: "price", namespace: "other" })).toEqual([]);
    expect(printPods([], plain)).toBe("no pod is on the market\n");
    expect(printPods(rows, plain).split("\n")[1]).toMatch(
      /^shop +hog +n1 +200m +100m +790m +- +- +790m +4\.98 {2}Capacity {2}Rationed$/,
    );
  });

  it("puts who is rationed to least first, and who is not last", async () => {
    await cluster.managed({ name: "squeezed" }, { containers }, { ...rationed, rationCPU: "50m" });
    const rows = await topPods(cluster, { sort: "rationed" });
    expect(rows.map(({ pod }) => pod).slice(0, 2)).toEqual(["squeezed", "hog"]);
  });
});
