import { afterEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const patience = { timeout: 25_000, interval: 100 };
const constant = (cores: number): object => ({ parallelism: 2, demand: { kind: "constant", cores } });
const later = { parallelism: 1, demand: { kind: "step", before: 0.05, after: 0.7, atSeconds: 7 } };

function container(name: string, [request, limit]: [string, string], load: object, part: object = {}): object {
  return { name, requests: { cpu: request }, limits: { cpu: limit }, load, ...part };
}

const managed = { labels: { "mbcas.io/managed": "true" } };
const once = { demand: { kind: "constant", cores: 0.02 }, endsAfterSeconds: 3 };

it(
  "sizes pods beside ended containers, with sidecars, and beside pods with requests of their own; leaves sandboxes alone",
  { timeout: 90_000 },
  async () => {
    const pods = [
      {
        ...managed,
        name: "job",
        node: "a",
        restartPolicy: "Never",
        containers: [container("app", ["200m", "400m"], later), container("once", ["50m", "100m"], once)],
      },
      {
        ...managed,
        name: "meshed",
        node: "a",
        containers: [
          container("app", ["100m", "200m"], constant(0.05)),
          container("proxy", ["20m", "50m"], constant(0.2), { sidecar: true }),
        ],
      },
      {
        ...managed,
        name: "sandboxed",
        node: "a",
        runtimeClass: "gvisor",
        containers: [container("app", ["100m", "200m"], constant(0.05))],
      },
      {
        ...managed,
        name: "finished",
        node: "a",
        restartPolicy: "Never",
        containers: [container("app", ["50m", "100m"], { ...once, endsAfterSeconds: 8 })],
      },
      { name: "whole", node: "b", requests: { cpu: "1200m" }, containers: [{ name: "app", load: constant(0.05) }] },
      { ...managed, name: "hot", node: "b", containers: [container("app", ["300m", "400m"], constant(1.5))] },
    ];
    const nodes = [{ name: "a" }, { name: "b", cores: 2 }];
    world = await startWorld({ name: "special", nodes, pods });
    const one = world;
    const kubectl = new Kubectl(one.cluster);
    const quotaOf = (pod: string, name: string): number =>
      one.cluster
        .truth()
        .nodes.flatMap(({ containers }) => containers)
        .find((each) => each.pod === pod && each.container === name)?.market.quotaCores ?? NaN;
    await expect.poll(() => kubectl.allocation("finished"), patience).toBeDefined();
    await expect.poll(() => quotaOf("meshed", "proxy"), patience).toBeGreaterThan(0.2);
    await expect.poll(() => quotaOf("hot", "app"), patience).toBeGreaterThanOrEqual(0.6);
    await expect.poll(() => kubectl.allocation("sandboxed")?.status?.["reason"], patience).toBe("SandboxedRuntime");
    await expect.poll(() => kubectl.eventsOn("sandboxed"), patience).toContain("MarketLeavesAlone");
    await expect.poll(() => quotaOf("job", "app"), patience).toBeGreaterThan(0.7);
    await expect.poll(() => kubectl.pod("finished")?.status?.["phase"], patience).toBe("Succeeded");
    await expect.poll(() => kubectl.allocation("finished"), patience).toBeUndefined();
    // What the whole pod asks for was counted, so that nothing had to wait.
    expect(kubectl.eventsOn("hot")).not.toContain("ResizeDeferred");
    await kubectl.labelPod("job", { "mbcas.io/managed": "false" });
    await expect.poll(() => kubectl.cpu("job"), patience).toBe("200m/400m");
    expect(kubectl.cpu("job", "once")).toBe("50m/100m");
  },
);
