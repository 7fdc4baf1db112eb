import type { V1Container, V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";

import { requestOf } from "./requests.ts";

const container = (requests: Record<string, string>, more: Partial<V1Container> = {}): V1Container => ({
  name: "c",
  image: "app:1",
  resources: { requests },
  ...more,
});

const pod = (spec: Partial<V1Pod["spec"]>, status: V1Pod["status"] = {}): V1Pod => ({
  spec: { containers: [], ...spec },
  status,
});

describe("what is counted for a pod", () => {
  it("is what its containers ask together, its overhead, and one pod", () => {
    const containers = [container({ cpu: "500m", memory: "1Gi" }), container({ cpu: "1", "nvidia.com/gpu": "2" })];
    expect(requestOf(pod({ containers, overhead: { cpu: "250m" } }), "p")).toEqual({
      cpu: 1750,
      memory: 2 ** 30,
      "nvidia.com/gpu": 2,
      pods: 1,
    });
  });

  it("is what its start needs where that is more, with the sidecars before it", () => {
    const sidecar = container({ cpu: "200m" }, { name: "s", restartPolicy: "Always" });
    const initContainers = [sidecar, container({ cpu: "3" }, { name: "i" })];
    expect(requestOf(pod({ initContainers, containers: [container({ cpu: "1" })] }), "p")["cpu"]).toBe(3200);
    expect(requestOf(pod({ initContainers: [sidecar], containers: [container({ cpu: "1" })] }), "p")["cpu"]).toBe(1200);
  });

  it("is what it has where that is more than it asks for, while it is resized", () => {
    const status = { name: "c", image: "app:1", imageID: "", ready: true, restartCount: 0 };
    const containerStatuses = [{ ...status, allocatedResources: { cpu: "2" } }];
    expect(requestOf(pod({ containers: [container({ cpu: "1" })] }, { containerStatuses }), "p")["cpu"]).toBe(2000);
  });

  it("is what is asked for the pod as a whole, where something is", () => {
    const spec = { containers: [container({ cpu: "1" })], resources: { requests: { cpu: "4" } } };
    expect(requestOf(pod(spec), "p")["cpu"]).toBe(4000);
  });

  it("names the quantity that cannot be read", () => {
    expect(() => requestOf(pod({ containers: [container({ cpu: "much" })] }), "d/p")).toThrow('d/p.c.cpu: "much"');
  });
});
