import { describe, expect, it } from "vitest";

import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import { admit } from "./admit.ts";
import { takenBy } from "./quotaRoom.ts";
import { type ContainerResize, limitChangeMilli, type PodResize, resizeTo } from "./resize.ts";

const cpu = (requestMilli: number, limitMilli: number) => ({ requestMilli, limitMilli });

/** Of two containers, each with 200m of 400m. */
function twin(part: Parameters<typeof aPod>[0] = {}) {
  const limit = part.qos === "Guaranteed" ? 200 : 400;
  const containers = ["app", "proxy"].map((name) => aContainerState({ name, desired: cpu(200, limit) }));
  return aPod({ containers, ...part });
}

function resized(pod: ReturnType<typeof aPod>, ...to: readonly ContainerResize[]): PodResize {
  const resize = resizeTo(pod, to, "market");
  if (!resize) throw new Error("nothing is resized");
  return resize;
}

describe("what a resize takes", () => {
  const shift = [
    { name: "app", ...cpu(250, 500) },
    { name: "proxy", ...cpu(150, 300) },
  ];

  it("is what its raises ask for: what a cut beside them frees counts until the node has confirmed it", () => {
    const resize = resized(twin(), ...shift);
    expect([resize.requestDeltaMilli, resize.cuts, resize.raises]).toEqual([50, true, true]);
    expect(limitChangeMilli(resize.pod, shift)).toBe(100);
    expect(takenBy(resize)).toEqual({ requestMilli: 50, limitMilli: 100 });
  });

  it("is nothing as far as the start of its pod needed more", () => {
    expect(resized(twin({ initRequestMilli: 420 }), ...shift).requestDeltaMilli).toBe(30);
    expect(resized(twin({ initRequestMilli: 900 }), ...shift).requestDeltaMilli).toBe(0);
  });

  it("does not come first on a full node: the cut does, and the raise waits", () => {
    const { resizes, waiting } = admit([resized(twin(), ...shift)], 40);
    expect(resizes.map(({ containers }) => containers)).toEqual([
      [
        { name: "app", ...cpu(200, 500) },
        { name: "proxy", ...cpu(150, 300) },
      ],
    ]);
    expect([...waiting]).toEqual(["uid-1"]);
  });

  it("is cut first of a Guaranteed pod too, each limit with its request", () => {
    const pod = twin({ qos: "Guaranteed" });
    const { resizes } = admit(
      [resized(pod, { name: "app", ...cpu(250, 250) }, { name: "proxy", ...cpu(150, 150) })],
      0,
    );
    expect(resizes.map(({ containers }) => containers)).toEqual([
      [
        { name: "app", ...cpu(200, 200) },
        { name: "proxy", ...cpu(150, 150) },
      ],
    ]);
  });
});
