import { expect, test } from "vitest";

import { resources } from "../paths.ts";
import type { Resource } from "../port.ts";
import { type Amounts, burstable, pod } from "./bodies.ts";
import { eventually, failureOf, limitRanges, resourceQuotas, type Scratch, type Thing } from "./scratch.ts";

/** Desires other resources for the pod's only container. */
export async function resize(scratch: Scratch, name: string, container: Amounts): Promise<Thing> {
  const body = { spec: { containers: [{ name: "c", resources: container }] } };
  return await scratch.patch([resources.pod, name], { kind: "strategic", subresource: "resize", body });
}

/** Who else has a word in a resize: what a namespace bounds. */
export function boundsContract(use: () => Scratch): void {
  limitRangesBind(use);
  quotasBind(use);
}

/** Bounds the namespace while `check` runs: what fails in it must not bind the pods of other tests. */
async function bounded(
  scratch: Scratch,
  [resource, name]: readonly [Resource, string],
  spec: object,
  check: () => Promise<void>,
): Promise<void> {
  await scratch.create(resource, { metadata: { name }, spec });
  try {
    await check();
  } finally {
    await scratch.remove([resource, name]);
  }
}

/** Admission hears of a bound a moment after it was made: until then it lets all through. */
async function refusal(ask: () => Promise<Thing>): Promise<string> {
  return await eventually(async () => {
    const refused = await failureOf(ask());
    expect([refused.status, refused.reason]).toEqual([403, "Forbidden"]);
    return refused.message;
  });
}

function limitRangesBind(use: () => Scratch): void {
  test("a LimitRange's most binds resizes", async () => {
    await use().create(resources.pod, pod("ranged", burstable));
    const limits = [{ type: "Container", max: { cpu: "500m" } }];
    await bounded(use(), [limitRanges, "most"], { limits }, async () => {
      expect(await refusal(() => resize(use(), "ranged", { limits: { cpu: "600m" } }))).toContain(
        "maximum cpu usage per Container is 500m, but limit is 600m",
      );
      await resize(use(), "ranged", { limits: { cpu: "400m" } });
    });
  });

  test("a LimitRange's least and ratio bind resizes", async () => {
    await use().create(resources.pod, pod("lean", burstable));
    const limits = [{ type: "Container", min: { cpu: "80m" }, maxLimitRequestRatio: { cpu: "4" } }];
    await bounded(use(), [limitRanges, "least"], { limits }, async () => {
      const refusalOf = (to: Amounts): Promise<string> => refusal(() => resize(use(), "lean", to));
      expect(await refusalOf({ requests: { cpu: "50m" } })).toContain(
        "minimum cpu usage per Container is 80m, but request is 50m",
      );
      expect(await refusalOf({ limits: { cpu: "900m" } })).toContain(
        "cpu max limit to request ratio per Container is 4",
      );
      await resize(use(), "lean", { requests: { cpu: "80m" }, limits: { cpu: "320m" } });
    });
  });
}

function quotasBind(use: () => Scratch): void {
  test("a ResourceQuota binds resizes", async () => {
    await use().create(resources.pod, pod("quoted", burstable));
    const { items } = await use().list(resources.pod);
    const hard = { "requests.cpu": `${items.length * 2000}m` };
    await bounded(use(), [resourceQuotas, "quota"], { hard }, async () => {
      await eventually(async () => expect((await use().get(resourceQuotas, "quota")).status?.["used"]).toBeDefined());
      let cores = 4000;
      const ask = (): Promise<Thing> => {
        // A quota is asked only for what is more than before: one that was let through would be so for ever.
        cores += 1;
        return resize(use(), "quoted", { requests: { cpu: `${cores}` }, limits: { cpu: `${cores}` } });
      };
      expect(await refusal(ask)).toContain("exceeded quota: quota, requested: requests.cpu=");
      await resize(use(), "quoted", { requests: { cpu: "150m" } });
    });
  });
}
