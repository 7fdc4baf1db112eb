import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { countedRequestMilli } from "../../../base/cluster/counted.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { aPod } from "../../../base/cluster/testing.ts";
import { admit } from "./admit.ts";
import { type PodResize, resizeTo } from "./resize.ts";
import { sized } from "./testing.ts";

describe("admission on a node", () => {
  const podOf = (uid: string, request: number): PodState => aPod({ uid, containers: [sized(request, 2000)] });
  const to = (uid: string, from: number, requestMilli: number, limitMilli = 1900): PodResize =>
    resizeTo(podOf(uid, from), [{ name: "app", requestMilli, limitMilli }], "market")!;

  it("sends decreases before increases", () => {
    const { resizes } = admit([to("up", 100, 200), to("down", 500, 100)], 1000);
    expect(resizes.map(({ pod }) => pod.uid)).toEqual(["down", "up"]);
  });

  it("raises a request only into room that is free already; the limit goes ahead", () => {
    const { resizes, waiting } = admit([to("up", 100, 500), to("down", 500, 100)], 50);
    expect([...waiting]).toEqual(["up"]);
    expect(resizes.find(({ pod }) => pod.uid === "up")?.containers).toEqual([
      { name: "app", requestMilli: 100, limitMilli: 1900 },
    ]);
  });

  it("never lets requests add up to more than there is, in any order of answers", () => {
    const change = fc.record({ from: fc.integer({ min: 1, max: 50 }), to: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.integer({ min: 0, max: 500 }), (changes, spare) => {
        const resizes = changes.flatMap((one, index) => {
          const resize = resizeTo(
            podOf(`p${index}`, one.from * 10),
            [{ name: "app", requestMilli: one.to * 10, limitMilli: 1900 }],
            "market",
          );
          return resize ? [resize] : [];
        });
        const raised = admit(resizes, spare).resizes.reduce(
          (sum, { requestDeltaMilli }) => sum + Math.max(0, requestDeltaMilli),
          0,
        );
        expect(raised).toBeLessThanOrEqual(spare);
      }),
    );
  });

  it("counts the largest of desired, allocated and actual, but no infeasible desire", () => {
    const pod = aPod({
      containers: [sized(300, 600, { allocatedMilli: 200, actual: { requestMilli: 400, limitMilli: 600 } })],
    });
    expect(countedRequestMilli(pod)).toBe(400);
    const infeasible = aPod({
      containers: [sized(9000, 9000, { allocatedMilli: 200, actual: { requestMilli: 200, limitMilli: 600 } })],
      resizePending: { reason: "Infeasible", message: "", observedGeneration: 1 },
    });
    expect(countedRequestMilli(infeasible)).toBe(200);
  });
});
