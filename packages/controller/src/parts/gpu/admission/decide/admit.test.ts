import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { applied } from "../testing/applied.ts";
import { admit, type AdmissionPolicy } from "./admit.ts";
import { asksPlugin } from "./asks.ts";
import { type IncomingPod, podSchema } from "./pod.ts";

const policy: AdmissionPolicy = { schedulerName: "gpu-scheduler", ownNamespace: "gpu-scheduler-system" };
const given = { fieldRef: { fieldPath: "metadata.annotations['gpu.walras.io/devices']" } };
const cuda = { name: "CUDA_VISIBLE_DEVICES", valueFrom: given };
const runtime = { name: "NVIDIA_VISIBLE_DEVICES", valueFrom: given };
const gpu = { limits: { "nvidia.com/gpu": "1" } };

interface Parts {
  readonly metadata?: object;
  readonly spec?: object;
}

function podOf({ metadata = {}, spec = {} }: Parts = {}): IncomingPod {
  const annotations = { "gpu.walras.io/milli": "500" };
  return podSchema.parse({
    metadata: { name: "web", annotations, ...metadata },
    spec: { schedulerName: "gpu-scheduler", containers: [{ name: "main" }], ...spec },
  });
}

function created(
  pod: IncomingPod,
  namespace = "shop",
): { pod: IncomingPod; refusal: string | null; warnings: readonly string[] } {
  const { patch, refusal, warnings } = admit({ namespace, pod }, policy);
  return { pod: applied(pod, patch) as IncomingPod, refusal, warnings };
}

describe("a pod of the scheduler that asks for a GPU", () => {
  it("reads its GPUs from the scheduler's annotation, in every container and init container", () => {
    const spec = {
      initContainers: [{ name: "fetch" }, { name: "proxy", restartPolicy: "Always", env: [] }],
      containers: [
        { name: "main", env: [{ name: "MODE", value: "fast" }] },
        { name: "side", env: null },
      ],
    };
    const { pod, warnings } = created(podOf({ spec }));
    expect(pod.spec.initContainers?.map(({ env }) => env)).toEqual([
      [cuda, runtime],
      [cuda, runtime],
    ]);
    expect(pod.spec.containers.map(({ env }) => env)).toEqual([
      [cuda, runtime, { name: "MODE", value: "fast" }],
      [cuda, runtime],
    ]);
    expect(warnings).toEqual([]);
  });

  it("gets nothing more when it is asked about again", () => {
    const once = created(podOf()).pod;
    expect(admit({ namespace: "shop", pod: once }, policy)).toEqual({ refusal: null, patch: [], warnings: [] });
  });

  it.each([
    ["nvidia.com/gpu", { metadata: { annotations: {} }, spec: { containers: [{ name: "main", resources: gpu }] } }],
    [
      "nvidia.com/gpu in an init container",
      {
        metadata: { annotations: null, ownerReferences: [{}] },
        spec: { initContainers: [{ name: "init", resources: gpu }] },
      },
    ],
    ["a claim", { spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu-0" }] } }],
    [
      "a MIG device",
      {
        metadata: { annotations: {} },
        spec: { containers: [{ name: "c", resources: { requests: { "nvidia.com/mig-1g.5gb": 1 } } }] },
      },
    ],
  ])("is not hidden what the kubelet gives it: %s", (_, parts) => {
    expect(created(podOf(parts)).pod.spec.containers[0]?.env).toBeUndefined();
  });

  it.each([
    ["the prototype's annotation", { metadata: { annotations: { "gpu-scheduling-map": "0=node1:0,1" } } }],
    ["an annotation of the scheduler", { metadata: { annotations: { "gpu.walras.io/model": "A100" } } }],
    ["a part of a GPU", { metadata: { annotations: { "gpu.walras.io/milli": "1" } } }],
    ["an owner that a map may name", { metadata: { annotations: null, ownerReferences: [{ kind: "StatefulSet" }] } }],
    ["an ordinal that a map may name", { metadata: { name: "check-0", annotations: {} } }],
  ])("is known by %s", (_, parts) => {
    expect(created(podOf(parts)).pod.spec.containers[0]?.env?.[0]).toEqual(cuda);
  });

  it("keeps a value that its owner set, and its owner is told of it", () => {
    const env = [
      { name: "CUDA_VISIBLE_DEVICES", value: "0" },
      { name: "NVIDIA_VISIBLE_DEVICES", valueFrom: { configMapKeyRef: { name: "gpus", key: "all" } } },
    ];
    const { pod, warnings } = created(podOf({ spec: { containers: [{ name: "main", env }] } }));
    expect(pod.spec.containers[0]?.env).toEqual(env);
    expect(warnings).toEqual([
      'container main: CUDA_VISIBLE_DEVICES is "0" already and stays, whatever GPUs the pod is given',
      'container main: NVIDIA_VISIBLE_DEVICES is {"configMapKeyRef":{"name":"gpus","key":"all"}} already and stays, whatever GPUs the pod is given',
    ]);
  });

  it("does not say by itself which GPUs it was given", () => {
    const annotations = { "gpu.walras.io/devices": "GPU-1", "gpu.walras.io/enforced-by": "dra", team: "shop" };
    const { pod, warnings } = created(podOf({ metadata: { annotations } }));
    expect(pod.metadata.annotations).toEqual({ team: "shop" });
    expect(pod.spec.containers[0]?.env?.[0]).toEqual(cuda);
    expect(warnings).toHaveLength(2);
  });

  it("is told of so many containers at most", () => {
    const containers = Array.from({ length: 100 }, (_, index) => ({
      name: `c${index}`,
      env: [{ name: "CUDA_VISIBLE_DEVICES", value: "0" }],
    }));
    const { warnings } = created(podOf({ spec: { containers } }));
    expect([warnings.length, warnings.at(-1)]).toEqual([9, "and 92 more"]);
  });
});

const variable = fc.record({
  name: fc.constantFrom("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "MODE"),
  value: fc.constantFrom("", "0", "all"),
});
const container = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  env: fc.option(fc.array(variable, { maxLength: 4 })),
  resources: fc.option(fc.constantFrom(gpu, {})),
});

describe("any pod of the scheduler", () => {
  it("has the variable once in each container, or as its owner set it, and is left alone the second time", () => {
    const pods = fc.record({ initContainers: fc.array(container), containers: fc.array(container) });
    fc.assert(
      fc.property(pods, (spec) => {
        const pod = podOf({ metadata: { annotations: { "gpu.walras.io/models": "A100" } }, spec });
        const once = created(pod).pod;
        expect(admit({ namespace: "shop", pod: once }, policy).patch).toEqual([]);
        for (const list of ["initContainers", "containers"] as const)
          once.spec[list]?.forEach(({ env }, index) => {
            const own = pod.spec[list]?.[index]?.env ?? [];
            expect((env ?? []).slice((env ?? []).length - own.length)).toEqual(own);
            const set = own.filter(({ name }) => name === "CUDA_VISIBLE_DEVICES");
            const now = (env ?? []).filter(({ name }) => name === "CUDA_VISIBLE_DEVICES");
            const missing = asksPlugin(pod) ? [] : [cuda];
            expect(now).toEqual(set.length === 0 ? missing : set);
          });
      }),
    );
  });
});

describe("a pod that cannot be understood", () => {
  it.each([
    [{ "gpu.walras.io/milli": "1500" }, 'gpu.walras.io/milli: "1500" is neither from 1 to 1000 nor a multiple of 1000'],
    [{ "gpu.walras.io/milli": "half" }, 'gpu.walras.io/milli: "half" is neither from 1 to 1000 nor a multiple of 1000'],
    [{ "gpu.walras.io/milli": "0" }, 'gpu.walras.io/milli: "0" is neither from 1 to 1000 nor a multiple of 1000'],
    [
      { "gpu.walras.io/gang": "a", "gpu.walras.io/gang-size": "0" },
      'gpu.walras.io/gang-size: "0" is not a whole number from 1 to 9999',
    ],
    [{ "gpu.walras.io/gang-size": "2" }, "gpu.walras.io/gang: undefined is needed beside a gang's size"],
    [{ "gpu.walras.io/gang": "a" }, "gpu.walras.io/gang-size: undefined is not a whole number from 1 to 9999"],
    [{ "gpu-scheduling-map": "" }, "gpu-scheduling-map: names no GPU"],
    [{ "gpu-scheduling-map": "node1" }, 'gpu-scheduling-map: entry 0: "node1" is not of the form 0=node1:0,1'],
    [
      { "gpu-scheduling-map": "0=node1:0\n1=node1:x" },
      'gpu-scheduling-map: entry 1: gpuDevices: "x" is not a list of GPU numbers such as "0,1"',
    ],
  ])("is refused for %j, with the field and the value", (annotations, refusal) => {
    expect(created(podOf({ metadata: { annotations } })).refusal).toBe(refusal);
  });

  it("is refused where it asks the kubelet for whole GPUs and the scheduler for a part of one", () => {
    const spec = { containers: [{ name: "main", resources: gpu }] };
    expect(created(podOf({ spec })).refusal).toBe(
      'gpu.walras.io/milli: "500" does not go with nvidia.com/gpu: the kubelet gives whole GPUs',
    );
  });

  it.each([
    { "gpu.walras.io/milli": "1" },
    { "gpu.walras.io/milli": "8000" },
    { "gpu.walras.io/gang": "a", "gpu.walras.io/gang-size": "9999" },
    { "gpu-scheduling-map": "0=node1:0,1\n1=node2:2@team" },
  ])("is not %j", (annotations) => {
    expect(created(podOf({ metadata: { annotations } })).refusal).toBeNull();
  });

  it("is refused unread, where its map is longer than annotations may be", () => {
    const annotations = { "gpu-scheduling-map": "x;".repeat(1_000_000) };
    expect(created(podOf({ metadata: { annotations } })).refusal).toBe("gpu-scheduling-map: is longer than 262144");
  });

  it("is refused in few words, however much of it is wrong", () => {
    const map = Array.from({ length: 5_000 }, (_, index) => `${index}=node1:x`).join(";");
    const { refusal } = created(podOf({ metadata: { annotations: { "gpu-scheduling-map": map } } }));
    expect(refusal).toMatch(/; and 4992 more$/);
  });
});

describe("a pod that the webhook is not for", () => {
  it.each(["kube-system", "kube-public", "kube-node-lease", "gpu-scheduler-system"])(
    "is left alone in %s",
    (namespace) => {
      const pod = podOf({ metadata: { annotations: { "gpu.walras.io/milli": "none" } } });
      expect(admit({ namespace, pod }, policy)).toEqual({ refusal: null, patch: [], warnings: [] });
    },
  );

  it.each(["default-scheduler", undefined])(
    "is left alone with the scheduler %s, whatever it asks for",
    (schedulerName) => {
      const pod = podOf({
        metadata: { annotations: { "gpu-scheduling-map": "nonsense", "gpu.walras.io/devices": "GPU-1" } },
        spec: { schedulerName, containers: [{ name: "main", resources: gpu }] },
      });
      expect(admit({ namespace: "shop", pod }, policy)).toEqual({ refusal: null, patch: [], warnings: [] });
    },
  );

  it("is left alone where nothing says that it may have a GPU", () => {
    expect(created(podOf({ metadata: { annotations: { team: "shop" } } })).pod.spec.containers).toEqual([
      { name: "main" },
    ]);
  });
});
