import { expect, test } from "vitest";

import { resources } from "../paths.ts";
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

function limitRangesBind(use: () => Scratch): void {
  test("a LimitRange's most binds resizes", async () => {
    await use().create(resources.pod, pod("ranged", burstable));
    await use().create(limitRanges, {
      metadata: { name: "most" },
      spec: { limits: [{ type: "Container", max: { cpu: "500m" } }] },
    });
    const failure = await eventually(async () => {
      const refused = await failureOf(resize(use(), "ranged", { limits: { cpu: "600m" } }));
      expect([refused.status, refused.reason]).toEqual([403, "Forbidden"]);
      return refused;
    });
    expect(failure.message).toContain("maximum cpu usage per Container is 500m, but limit is 600m");
    await resize(use(), "ranged", { limits: { cpu: "400m" } });
    await use().remove([limitRanges, "most"]);
  });

  test("a LimitRange's least and ratio bind resizes", async () => {
    await use().create(resources.pod, pod("lean", burstable));
    await use().create(limitRanges, {
      metadata: { name: "least" },
      spec: { limits: [{ type: "Container", min: { cpu: "80m" }, maxLimitRequestRatio: { cpu: "4" } }] },
    });
    const refusal = (to: Amounts): Promise<string> =>
      eventually(async () => {
        const refused = await failureOf(resize(use(), "lean", to));
        expect([refused.status, refused.reason]).toEqual([403, "Forbidden"]);
        return refused.message;
      });
    expect(await refusal({ requests: { cpu: "50m" } })).toContain(
      "minimum cpu usage per Container is 80m, but request is 50m",
    );
    expect(await refusal({ limits: { cpu: "900m" } })).toContain("cpu max limit to request ratio per Container is 4");
    await resize(use(), "lean", { requests: { cpu: "80m" }, limits: { cpu: "320m" } });
    await use().remove([limitRanges, "least"]);
  });
}

function quotasBind(use: () => Scratch): void {
  test("a ResourceQuota binds resizes", async () => {
    await use().create(resources.pod, pod("quoted", burstable));
    const { items } = await use().list(resources.pod);
    const usedMilli = items.length * 2000;
    await use().create(resourceQuotas, {
      metadata: { name: "quota" },
      spec: { hard: { "requests.cpu": `${usedMilli}m` } },
    });
    await eventually(async () => expect((await use().get(resourceQuotas, "quota")).status?.["used"]).toBeDefined());
    const failure = await failureOf(resize(use(), "quoted", { requests: { cpu: "4000" }, limits: { cpu: "4000" } }));
    expect([failure.status, failure.reason]).toEqual([403, "Forbidden"]);
    expect(failure.message).toContain("exceeded quota: quota, requested: requests.cpu=");
    await resize(use(), "quoted", { requests: { cpu: "150m" } });
    await use().remove([resourceQuotas, "quota"]);
  });
}
