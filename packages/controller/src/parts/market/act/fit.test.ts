import { describe, expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import type { Allowance } from "../observe/allowance.ts";
import { unbounded } from "../observe/limitRange.ts";
import { admit } from "./admit.ts";
import { fit } from "./fit.ts";
import { type ContainerResize, type PodResize, resizeTo } from "./resize.ts";
import { sized } from "./testing.ts";

const declared = new Map([["app", { requestMilli: 200, limitMilli: 400 }]]);
const noQuota = { milli: Infinity, quota: "" };
const anything: Allowance = { container: unbounded, pod: unbounded, requests: noQuota, limits: noQuota };

function wanting(from: [number, number], to: [number, number]): PodResize {
  const pod = aPod({ containers: [sized(...from)] });
  return resizeTo(pod, [{ name: "app", requestMilli: to[0], limitMilli: to[1] }], "market")!;
}

function fitted(wanted: PodResize, part: Partial<Allowance>): readonly ContainerResize[] | undefined {
  return fit(wanted, { ...anything, ...part }, declared, 10).resize?.containers;
}

describe("what a namespace bounds", () => {
  it("a limit above the highest becomes the highest, and it is told", () => {
    const container = { ...unbounded, maxMilli: 500 };
    const { resize, bound } = fit(wanting([20, 160], [200, 690]), { ...anything, container }, declared, 10);
    expect(resize?.containers).toEqual([{ name: "app", requestMilli: 200, limitMilli: 500 }]);
    expect(bound).toEqual({ reason: "LimitRange", message: "the highest limit of a Container is 500m" });
  });

  it("a bound that came later cuts nobody below what was declared: the pod stays as it is", () => {
    const container = { ...unbounded, maxMilli: 300 };
    expect(fitted(wanting([200, 400], [200, 500]), { container })).toBeUndefined();
    expect(fitted(wanting([200, 400], [100, 400]), { container })).toBeUndefined();
  });

  it("what was raised above what was declared is cut by a bound that came later", () => {
    const container = { ...unbounded, maxMilli: 500 };
    expect(fitted(wanting([200, 900], [200, 950]), { container })).toEqual([
      { name: "app", requestMilli: 200, limitMilli: 500 },
    ]);
  });

  it("a cut below the least becomes the least", () => {
    const container = { ...unbounded, minMilli: 100 };
    expect(fitted(wanting([200, 400], [10, 50]), { container })).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 100 },
    ]);
  });

  it("a request is cut no further than the ratio to its limit allows", () => {
    expect(fitted(wanting([200, 400], [10, 200]), { container: { ...unbounded, maxRatio: 4 } })).toEqual([
      { name: "app", requestMilli: 50, limitMilli: 200 },
    ]);
  });

  it("the request rises with a limit that the ratio ties to it, or holds it down where it has no quota", () => {
    const container = { ...unbounded, maxRatio: 4 };
    const wanted = wanting([50, 200], [60, 800]);
    expect(fitted(wanted, { container })).toEqual([{ name: "app", requestMilli: 200, limitMilli: 800 }]);
    expect(fitted(wanted, { container, requests: { milli: 40, quota: "team" } })).toEqual([
      { name: "app", requestMilli: 90, limitMilli: 360 },
    ]);
  });

  it("where the request has no quota the limit is raised alone", () => {
    const wanted = wanting([130, 160], [300, 440]);
    expect(fitted(wanted, { requests: { milli: 0, quota: "team" } })).toEqual([
      { name: "app", requestMilli: 130, limitMilli: 440 },
    ]);
  });

  it("a request takes what its quota leaves, in whole granules", () => {
    const wanted = wanting([130, 160], [300, 440]);
    expect(fitted(wanted, { requests: { milli: 65, quota: "team" } })).toEqual([
      { name: "app", requestMilli: 190, limitMilli: 440 },
    ]);
  });

  it("a limit takes what its quota leaves", () => {
    expect(fitted(wanting([100, 200], [100, 800]), { limits: { milli: 100, quota: "team" } })).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 300 },
    ]);
  });

  it("a quota that is over already holds up no cut", () => {
    const none = { milli: 0, quota: "team" };
    const wanted = wanting([200, 400], [100, 200]);
    expect(fitted(wanted, { requests: none, limits: none })).toEqual(wanted.containers);
  });

  it("nothing is asked for where any resize would be refused, and it is told why", () => {
    const pod = aPod({ containers: [sized(100, null)] });
    const wanted = resizeTo(pod, [{ name: "app", requestMilli: 200, limitMilli: null }], "market")!;
    const container = { ...unbounded, maxMilli: 500 };
    expect(fit(wanted, { ...anything, container }, declared, 10)).toMatchObject({
      resize: null,
      bound: { reason: "LimitRange" },
    });
  });

  it("a Guaranteed pod's request and limit stop together at a quota", () => {
    const pod = aPod({ qos: "Guaranteed", containers: [sized(200, 200)] });
    const wanted = resizeTo(pod, [{ name: "app", requestMilli: 500, limitMilli: 500 }], "market")!;
    expect(fitted(wanted, { requests: { milli: 100, quota: "team" } })).toEqual([
      { name: "app", requestMilli: 300, limitMilli: 300 },
    ]);
  });

  it("the pod's bounds hold for its containers together", () => {
    const pod = aPod({ containers: [sized(100, 200), sized(100, 200, { name: "side" })] });
    const wanted = resizeTo(
      pod,
      ["app", "side"].map((name) => ({ name, requestMilli: 20, limitMilli: 400 })),
      "market",
    )!;
    const parts = fitted(wanted, { pod: { minMilli: 100, maxMilli: 600, maxRatio: Infinity } }) ?? [];
    const sum = (amounts: readonly (number | null)[]): number =>
      amounts.reduce<number>((all, one) => all + (one ?? 0), 0);
    expect(sum(parts.map(({ requestMilli }) => requestMilli))).toBe(100);
    expect(sum(parts.map(({ limitMilli }) => limitMilli))).toBe(600);
  });

  it("a limit that goes ahead of a request without room keeps the ratio to the request that stays", () => {
    const allowance = { ...anything, container: { ...unbounded, maxRatio: 4 } };
    const { resize } = fit(wanting([50, 150], [200, 800]), allowance, declared, 10);
    const { resizes, waiting } = admit([resize!], 0);
    expect([...waiting]).toEqual(["uid-1"]);
    expect(resizes[0]?.containers).toEqual([{ name: "app", requestMilli: 50, limitMilli: 200 }]);
  });
});
