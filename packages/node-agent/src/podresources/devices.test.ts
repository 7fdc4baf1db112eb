import { describe, expect, it } from "vitest";

import type { MigDevice } from "../nvidia/gpuState.ts";
import { aGpu, gpuUuid, heldOf } from "../testing/gpus.ts";
import { byGpu, gpuOf } from "./devices.ts";

const mig: Omit<MigDevice, "uuid"> = { profile: "1g.10gb", gpuInstance: 7, computeInstance: 0, memoryTotalMiB: 9_856 };
/** As on a real machine, index and minor differ. */
const gpus = [aGpu(0, { minor: 5 }), aGpu(1, { minor: 0, migDevices: [{ ...mig, uuid: "MIG-11111111" }] })];

const plugin = { resource: "nvidia.com/gpu", by: "devicePlugin" } as const;
const claim = { resource: "gpu.nvidia.com", by: "dra" } as const;

describe("the GPU of a device", () => {
  it.each([
    ["a UUID", plugin, gpuUuid(1), 1],
    ["a share of it", plugin, `${gpuUuid(1)}::3`, 1],
    ["HAMi's share of it", { ...plugin, resource: "hami.io/gpu" }, `${gpuUuid(0)}-4`, 0],
    ["a MIG device", { ...plugin, resource: "nvidia.com/mig-1g.10gb" }, "MIG-11111111", 1],
    ["a MIG device of an old driver", plugin, `MIG-${gpuUuid(1)}/7/0`, 1],
    ["an index", plugin, "1", 1],
    ["an index with a MIG device", plugin, "0:3", 0],
    ["GKE's minor", plugin, "nvidia5", 0],
    ["GKE's part of a minor", plugin, "nvidia0/gi3/vgpu0", 1],
    ["the minor that DRA has it by", claim, "gpu-5", 0],
    ["a MIG device that DRA has by its minor", claim, "gpu-0-mig-1g10gb-14-0", 1],
    ["a UUID in CDI", claim, gpuUuid(0), 0],
  ])("is known by %s", (_, kind, id, index) => expect(gpuOf(gpus, kind, id)?.index).toBe(index));

  it.each([
    ["an unknown UUID", plugin, gpuUuid(7)],
    ["a UUID that begins as another does", plugin, gpuUuid(1).slice(0, -1)],
    ["another vendor's index", { ...plugin, resource: "amd.com/gpu" }, "1"],
    ["another driver's device", { ...claim, resource: "gpu.example.com" }, "gpu-5"],
    ["a number that is no name in DRA", claim, "1"],
    ["a claim's own name in CDI", claim, "claim-1-gpu-5"],
    ["nothing", plugin, ""],
  ])("is unknown by %s", (_, kind, id) => expect(gpuOf(gpus, kind, id)).toBeUndefined());

  it("is told once to whoever holds several parts of it", () => {
    const held = [heldOf("two", [`${gpuUuid(1)}::0`, `${gpuUuid(1)}::1`]), heldOf("one", [gpuUuid(1), gpuUuid(0)])];
    const pods = [...byGpu(gpus, held)].map(([uuid, items]) => [uuid, items.map(({ pod }) => pod)]);
    expect(Object.fromEntries(pods)).toEqual({ [gpuUuid(1)]: ["two", "one"], [gpuUuid(0)]: ["one"] });
  });
});
