import type { KubeRequest } from "@walras/kube";
import { expect, it } from "vitest";

import { namesBy } from "./clusterNodes.ts";

it("nodes are found by their label, and two of one name are both told", async () => {
  const asked: KubeRequest[] = [];
  const node = (name: string, logical: string): object => ({
    metadata: { name, labels: { "gpu-node-name": logical } },
  });
  const send = (request: KubeRequest): Promise<unknown> => {
    asked.push(request);
    return Promise.resolve({ metadata: {}, items: [node("a", "node1"), node("b", "node2"), node("c", "node2")] });
  };
  const nodes = namesBy({ send, stream: () => Promise.reject(new Error("nothing is watched")) });
  expect(Object.fromEntries(await nodes.byLabel(new AbortController().signal))).toEqual({
    node1: ["a"],
    node2: ["b", "c"],
  });
  expect(asked).toMatchObject([{ path: "/api/v1/nodes", query: { labelSelector: "gpu-node-name" } }]);
});
