import { afterEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
afterEach(() => world?.stop());

const patience = { timeout: 25_000, interval: 100 };
const hungry = { kind: "step", before: 0.05, after: 0.7, atSeconds: 4 };

function aPod(name: string, namespace: string, [request, limit]: [string, string], demand: object): object {
  return {
    name,
    namespace,
    node: "n",
    labels: { "mbcas.io/managed": "true" },
    containers: [{ requests: { cpu: request }, limits: { cpu: limit }, load: { parallelism: 1, demand } }],
  };
}

const idle = { kind: "constant", cores: 0.01 };
const bounds: readonly [string, object][] = [
  [
    "limitranges",
    {
      metadata: { name: "highest", namespace: "high" },
      spec: { limits: [{ type: "Container", max: { cpu: "500m" } }] },
    },
  ],
  [
    "limitranges",
    {
      metadata: { name: "least", namespace: "low" },
      spec: { limits: [{ type: "Container", min: { cpu: "100m" }, maxLimitRequestRatio: { cpu: "4" } }] },
    },
  ],
  ["resourcequotas", { metadata: { name: "team", namespace: "quota" }, spec: { hard: { "requests.cpu": "300m" } } }],
];

it(
  "what a LimitRange or a quota does not grant is not asked for: nothing is refused, and who needs more is told why",
  { timeout: 90_000 },
  async () => {
    const pods = [
      aPod("capped", "high", ["200m", "400m"], hungry),
      aPod("idle", "low", ["200m", "400m"], idle),
      { ...aPod("woken", "quota", ["100m", "400m"], hungry), annotations: { "mbcas.io/min-cpu": "600m" } },
      aPod("filler", "quota", ["200m", "200m"], { kind: "constant", cores: 0.18 }),
    ];
    world = await startWorld({ name: "bounded", nodes: [{ name: "n", cores: 6 }], pods }, [], async (cluster) => {
      const kubectl = new Kubectl(cluster);
      for (const [plural, body] of bounds) {
        const { namespace } = (body as { metadata: { namespace: string } }).metadata;
        await kubectl.create(`/api/v1/namespaces/${namespace}/${plural}`, body);
      }
    });
    const one = world;
    const kubectl = new Kubectl(one.cluster);
    const limitOf = (pod: string): number => one.container(pod)?.market.quotaCores ?? NaN;
    await expect.poll(() => limitOf("capped"), patience).toBe(0.5);
    await expect.poll(() => kubectl.allocation("capped", "high")?.status?.["reason"], patience).toBe("LimitRange");
    await expect.poll(() => kubectl.eventsOn("capped"), patience).toContain("MarketBounded");
    await expect.poll(() => limitOf("woken"), patience).toBeGreaterThan(0.7);
    expect(kubectl.cpu("woken", "app", "quota")).toMatch(/^1[0-2]0m\//);
    await kubectl.remove("/api/v1/namespaces/quota/pods/filler");
    const request = (): number => Number.parseInt(kubectl.cpu("woken", "app", "quota"), 10);
    await expect.poll(request, patience).toBeGreaterThan(250);
    expect(await one.metrics()).not.toMatch(/^walras_resize_refusals_total\{.*\} [1-9]/m);
  },
);
