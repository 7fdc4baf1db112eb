import { status } from "@grpc/grpc-js";
import { describeError } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { containerHolding, KubeletDouble } from "../testing/kubelet.ts";
import { KubeletPodResources } from "./client.ts";

let kubelet: KubeletDouble;
let client: KubeletPodResources;

beforeEach(async () => {
  kubelet = await new KubeletDouble().start();
  client = new KubeletPodResources(kubelet.socket);
});

afterEach(() => {
  client.close();
  kubelet.destroy();
});

const plugin = { resourceName: "nvidia.com/gpu", deviceIds: ["GPU-1", "GPU-2"] };
const claim = {
  claimName: "one",
  claimNamespace: "ns",
  claimResources: [
    {
      cdiDevices: [{ name: "k8s.gpu.nvidia.com/device=gpu-3" }],
      driverName: "gpu.nvidia.com",
      poolName: "node-1",
      deviceName: "gpu-3",
    },
  ],
};

/** What is wrong, as the log tells it. */
async function complaintOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => "",
    (error: unknown) => describeError(error),
  );
}

describe("what the kubelet says that containers hold", () => {
  it("is told of device plugins and of claims, for each container", async () => {
    kubelet.pods = [
      { name: "train-0", namespace: "ns", containers: [containerHolding("app", { devices: [plugin] })] },
      { name: "train-1", namespace: "ns", containers: [containerHolding("app", { dynamicResources: [claim] })] },
      { name: "web", namespace: "ns", containers: [containerHolding("app")] },
      { name: "starts", namespace: "ns", containers: [] },
    ];
    const [train0, train1] = [
      { namespace: "ns", pod: "train-0", container: "app", resource: "nvidia.com/gpu", by: "devicePlugin" },
      { namespace: "ns", pod: "train-1", container: "app", resource: "gpu.nvidia.com", by: "dra" },
    ];
    expect(await client.list()).toEqual([
      { ...train0, deviceIds: ["GPU-1", "GPU-2"] },
      { ...train1, deviceIds: ["gpu-3", "gpu-3"] },
    ]);
    expect(await client.get("ns", "train-1")).toEqual([{ ...train1, deviceIds: ["gpu-3", "gpu-3"] }]);
  });

  it("is nothing on a node without pods", async () => {
    expect(await client.list()).toEqual([]);
    expect(await client.allocatable()).toEqual([]);
  });

  it("is told beside what it can give at all", async () => {
    kubelet.allocatable = { devices: [plugin], cpuIds: [0, 1], memory: [] };
    expect(await client.allocatable()).toEqual([{ resource: "nvidia.com/gpu", deviceIds: ["GPU-1", "GPU-2"] }]);
  });

  it("is unknown of a pod that is not there", async () => {
    expect(await complaintOf(client.get("ns", "away"))).toContain("pod away in namespace ns not found");
  });

  it("is unknown where the kubelet has not the method, and the others are as before", async () => {
    kubelet.refuses.set("GetAllocatableResources", { code: status.UNIMPLEMENTED, details: "unknown method" });
    expect(await complaintOf(client.allocatable())).toContain("this kubelet has no pod-resources GetAllocatable");
    expect(await client.list()).toEqual([]);
  });

  it("is unknown where the answer is larger than any node's, which is not kept", async () => {
    const deviceIds = Array.from({ length: 200_000 }, (_, at) => `GPU-00000000-0000-0000-0000-${at}`);
    const devices = [{ resourceName: "nvidia.com/gpu", deviceIds }];
    kubelet.pods = [{ name: "huge", namespace: "ns", containers: [containerHolding("app", { devices })] }];
    expect(await complaintOf(client.list())).toContain("answers List with more than 4194304 bytes");
    kubelet.pods = [];
    expect(await client.list()).toEqual([]);
  });

  it("is unknown while it does not answer, and whoever asked is free to go", async () => {
    kubelet.silent = true;
    const late = new AbortController();
    const asked = complaintOf(client.list(late.signal));
    await expect.poll(() => kubelet.asked).toBe(1);
    late.abort(new Error("late"));
    expect(await asked).toContain("the kubelet has not answered List");
    kubelet.silent = false;
    expect(await client.list()).toEqual([]);
  });

  it("is unknown while there is no socket, and known again when the kubelet is back", async () => {
    kubelet.stop();
    expect(await complaintOf(client.list())).toContain(`no socket at ${kubelet.socket}: mount the node's`);
    await kubelet.start();
    await expect.poll(() => complaintOf(client.list())).toBe("");
  });
});
