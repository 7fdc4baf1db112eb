import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { clusterBy } from "./kubeCluster.ts";

const map = { namespace: "gpu-scheduler-tests", name: "gpu-scheduler-check" };
const { signal } = new AbortController();

/** Answers one question as told. */
function answering(answer: object | KubeError, asked: KubeRequest[] = []): KubeTransport {
  return {
    send: (request) => {
      asked.push(request);
      return answer instanceof KubeError ? Promise.reject(answer) : Promise.resolve(answer);
    },
    stream: () => Promise.reject(new Error("nothing is watched")),
  };
}

describe("nodes", () => {
  it("are found by their label, and two of one name are both told", async () => {
    const asked: KubeRequest[] = [];
    const node = (name: string, logical: string): object => ({
      metadata: { name, labels: { "gpu-node-name": logical } },
    });
    const list = { metadata: {}, items: [node("a", "node1"), node("b", "node2"), node("c", "node2")] };
    const nodes = await clusterBy(answering(list, asked), map).nodesByLabel(signal);
    expect(Object.fromEntries(nodes)).toEqual({ node1: ["a"], node2: ["b", "c"] });
    expect(asked).toMatchObject([{ path: "/api/v1/nodes", query: { labelSelector: "gpu-node-name" } }]);
  });
});

describe("what the scheduler chose", () => {
  const status = (observedGeneration: number): object => ({
    observedGeneration,
    placements: [
      { podIndex: 0, pod: "check-0", intended: ["GPU-a", "GPU-b"] },
      { podIndex: 1, message: "no node" },
    ],
  });
  const chosen = async (answer: object | KubeError): Promise<unknown> =>
    Object.fromEntries(await clusterBy(answering(answer), map).chosen(signal));

  it("is read from the map's status", async () => {
    const asked: KubeRequest[] = [];
    await clusterBy(answering({ metadata: {} }, asked), map).chosen(signal);
    expect(asked[0]?.path).toBe(
      "/apis/gpu.walras.io/v1alpha1/namespaces/gpu-scheduler-tests/gpuschedulingmaps/gpu-scheduler-check",
    );
    expect(await chosen({ metadata: { generation: 2 }, status: status(2) })).toEqual({ 0: ["GPU-a", "GPU-b"], 1: [] });
  });

  it.each([
    ["of an older map", { metadata: { generation: 3 }, status: status(2) }],
    ["not said yet", { metadata: { generation: 1 } }],
    ["of no map, or no such kind", new KubeError("not found", { status: 404, reason: "NotFound" })],
  ])("is nothing where it is %s", async (_, answer) => {
    expect(await chosen(answer)).toEqual({});
  });

  it("is not known where nobody answers: then nothing is judged", async () => {
    await expect(chosen(new KubeError("forbidden", { status: 403, reason: "Forbidden" }))).rejects.toThrow("forbidden");
  });
});
