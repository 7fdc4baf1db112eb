import fc from "fast-check";
import { seededRng, VirtualClock } from "@walras/kit";
import { type KubeError, type KubeTransport, resizePod } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { expect, it } from "vitest";

import { toPodState } from "../src/base/cluster/pod.ts";
import { fit } from "../src/parts/market/act/fit.ts";
import { type PodResize, resizeTo } from "../src/parts/market/act/resize.ts";
import { allowanceOf } from "../src/parts/market/observe/allowance.ts";
import { declaredResources } from "../src/parts/market/observe/declared.ts";
import { notSizing } from "../src/parts/market/observe/testing.ts";
import { toLimitRangeState } from "../src/parts/market/observe/limitRange.ts";
import { toQuotaState } from "../src/parts/market/observe/quota.ts";

const pods = "/api/v1/namespaces/default/pods";

interface Sized {
  readonly requestMilli: number;
  readonly limitMilli: number;
}

/** A request, and a limit not below it; in tens, as the market gives them. */
const sized = fc
  .record({ request: fc.integer({ min: 1, max: 60 }), extra: fc.integer({ min: 0, max: 60 }) })
  .map(({ request, extra }): Sized => ({ requestMilli: request * 10, limitMilli: (request + extra) * 10 }));

const cpu = (milli: number): { cpu: string } => ({ cpu: `${milli}m` });
const maybe = (min: number, max: number): fc.Arbitrary<number | null> =>
  fc.option(
    fc.integer({ min, max }).map((n) => n * 10),
    { nil: null },
  );

const bounds = fc.record({
  kind: fc.constantFrom("Container", "Pod"),
  min: maybe(1, 20),
  max: maybe(20, 160),
  ratio: fc.option(fc.integer({ min: 10, max: 60 }), { nil: null }),
});

const quota = fc.record({ requests: maybe(5, 150), limits: maybe(10, 250) });

const cases = fc.record({
  guaranteed: fc.boolean(),
  before: fc.tuple(sized, sized),
  wanted: fc.tuple(sized, sized),
  range: bounds,
  quota,
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function together({ requestMilli, limitMilli }: Sized, guaranteed: boolean): Sized {
  return guaranteed ? { requestMilli: limitMilli, limitMilli } : { requestMilli, limitMilli };
}

function podBody({ before, guaranteed }: Case): object {
  const memory = guaranteed ? { memory: "64Mi" } : {};
  const containers = before.map((one, index) => {
    const { requestMilli, limitMilli } = together(one, guaranteed);
    const resources = { requests: { ...cpu(requestMilli), ...memory }, limits: { ...cpu(limitMilli), ...memory } };
    return { name: `c${index}`, image: "app:1", resources };
  });
  return { metadata: { name: "web" }, spec: { nodeName: "n", containers } };
}

function rangeBody({ range: { kind: type, min, max, ratio } }: Case): object {
  const limit = {
    type,
    ...(min === null ? {} : { min: cpu(min) }),
    ...(max === null ? {} : { max: cpu(max) }),
    ...(ratio === null ? {} : { maxLimitRequestRatio: { cpu: String(ratio / 10) } }),
  };
  return { metadata: { name: "range" }, spec: { limits: [limit] } };
}

function quotaBody({ quota: { requests, limits } }: Case): object {
  const hard = {
    ...(requests === null ? {} : { "requests.cpu": `${requests}m` }),
    ...(limits === null ? {} : { "limits.cpu": `${limits}m` }),
  };
  return { metadata: { name: "team" }, spec: { hard } };
}

/** A namespace whose pod was there before what bounds it. */
async function namespaceOf(one: Case): Promise<KubeTransport> {
  const transport = inProcessTransport(new ApiServer({ clock: new VirtualClock(), rng: seededRng(1) }), "test");
  const post = (path: string, body: object): Promise<unknown> => transport.send({ method: "POST", path, body });
  await post(pods, podBody(one));
  await post("/api/v1/namespaces/default/limitranges", rangeBody(one));
  await post("/api/v1/namespaces/default/resourcequotas", quotaBody(one));
  return transport;
}

async function items(transport: KubeTransport, plural: string): Promise<unknown[]> {
  const list = await transport.send({ method: "GET", path: `/api/v1/namespaces/default/${plural}` });
  return (list as { items: unknown[] }).items;
}

async function answerTo({ pod, containers }: PodResize, transport: KubeTransport): Promise<"taken" | number> {
  try {
    await resizePod(transport, pod, containers, "test");
    return "taken";
  } catch (error) {
    return (error as KubeError).status;
  }
}

it("whatever a namespace bounds, nothing is asked for that its API server refuses", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const transport = await namespaceOf(one);
      const pod = toPodState((await items(transport, "pods"))[0]);
      const containers = one.wanted.map((want, index) => ({ name: `c${index}`, ...together(want, one.guaranteed) }));
      const wanted = resizeTo(pod, containers, "market");
      if (!wanted) return;
      const limitRanges = (await items(transport, "limitranges")).map(toLimitRangeState);
      const quotas = (await items(transport, "resourcequotas")).flatMap((raw) => toQuotaState(raw) ?? []);
      const seen = { limitRanges: () => limitRanges, quotas: () => quotas };
      const allowance = allowanceOf(pod, seen, { requestMilli: 0, limitMilli: 0 });
      const { resize, bound } = fit(wanted, allowance, declaredResources(pod, undefined, notSizing), 10);
      if (resize) expect(await answerTo(resize, transport)).toBe("taken");
      if (bound === null) expect(resize?.containers).toEqual(wanted.containers);
      // What is held back is what would have been refused, and nothing else is.
      expect(await answerTo(wanted, await namespaceOf(one))).toBe(bound === null ? "taken" : 403);
    }),
    { numRuns: 300 },
  );
});
