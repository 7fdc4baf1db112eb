import { afterEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const patience = { timeout: 25_000, interval: 100 };
const load = { parallelism: 2, demand: { kind: "constant", cores: 0.9 } };
/** By its least CPU the market would have it request more at once, and by its load have a higher limit. */
const pods = [
  {
    name: "web",
    node: "n",
    labels: { "mbcas.io/managed": "true" },
    annotations: { "mbcas.io/min-cpu": "600m" },
    containers: [{ requests: { cpu: "200m" }, limits: { cpu: "400m" }, load }],
  },
];
const scenario = { name: "modes", nodes: [{ name: "n" }], pods };
const web = "/api/v1/namespaces/default/pods/web";

it("a mode that is taken back on the pod gives back limits, then requests", { timeout: 60_000 }, async () => {
  world = await startWorld(scenario);
  const kubectl = new Kubectl(world.cluster);
  const [request, limit] = [
    (): string => kubectl.cpu("web").split("/")[0] ?? "",
    (): string => kubectl.cpu("web").split("/")[1] ?? "",
  ];
  await expect.poll(limit, patience).not.toBe("400m");
  await expect.poll(request, patience).not.toBe("200m");
  await kubectl.annotate(web, { "mbcas.io/mode": "requests" });
  await expect.poll(limit, patience).toBe("400m");
  await kubectl.annotate(web, { "mbcas.io/mode": "recommend" });
  await expect.poll(() => kubectl.cpu("web"), patience).toBe("200m/400m");
  await expect.poll(() => kubectl.allocation("web")?.status?.["reason"], patience).toBe("Recommended");
  expect(kubectl.eventsOn("web")).not.toContain("MarketRedeclared");
});

it(
  "a controller that begins in a lesser mode gives back what the one before it wrote",
  { timeout: 60_000 },
  async () => {
    const left = [{ ...pods[0], containers: [{ requests: { cpu: "500m" }, limits: { cpu: "900m" }, load }] }];
    const before = async (cluster: World["cluster"]): Promise<void> => {
      const kubectl = new Kubectl(cluster);
      const amounts = { declaredCPURequest: "200m", declaredCPULimit: "400m", desiredCPURequest: "500m" };
      const podUID = kubectl.pod("web")?.metadata.uid;
      await kubectl.create("/apis/allocation.mbcas.io/v1alpha1/namespaces/default/podallocations", {
        apiVersion: "allocation.mbcas.io/v1alpha1",
        kind: "PodAllocation",
        metadata: { name: "default-web", namespace: "default" },
        spec: {
          namespace: "default",
          podName: "web",
          podUID,
          desiredCPURequest: "500m",
          containers: [{ name: "app", ...amounts }],
        },
      });
    };
    world = await startWorld({ ...scenario, pods: left }, [], before, ["--mode=recommend"]);
    const kubectl = new Kubectl(world.cluster);
    await expect.poll(() => kubectl.cpu("web"), patience).toBe("200m/400m");
    await expect.poll(() => kubectl.allocation("web")?.status?.["reason"], patience).toBe("Recommended");
  },
);

it("a label that neither opts in nor out is told on the pod", { timeout: 60_000 }, async () => {
  world = await startWorld({ ...scenario, pods: [{ ...pods[0], labels: { "mbcas.io/managed": "yes" } }] });
  const kubectl = new Kubectl(world.cluster);
  await expect.poll(() => kubectl.eventsOn("web"), patience).toContain("InvalidLabel");
  expect(kubectl.allocation("web")).toBeUndefined();
});
