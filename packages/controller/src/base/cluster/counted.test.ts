import { expect, it } from "vitest";

import { countedChangeMilli, countedRequestMilli } from "./counted.ts";
import { containerIdsOf, type PodState, toPodState } from "./pod.ts";

const status = (name: string, id: string): object => ({
  name,
  containerID: `containerd://${id}`,
  state: { running: {} },
  resources: { requests: { cpu: "200m" } },
});

function podOf(spec: object, part: object = {}): PodState {
  const metadata = { namespace: "default", name: "web", uid: "u" };
  return toPodState({ metadata, spec, status: { phase: "Running", qosClass: "Burstable", ...part } });
}

const container = (name: string, cpu?: string, part: object = {}): object => ({
  name,
  resources: cpu === undefined ? {} : { requests: { cpu } },
  ...part,
});

it("what is asked for the pod as a whole is counted, where it is more than its containers ask for", () => {
  const pod = podOf({ resources: { requests: { cpu: "1200m" } }, containers: [container("app")] });
  expect(countedRequestMilli(pod)).toBe(1200);
  const less = podOf({ resources: { requests: { cpu: "100m" } }, containers: [container("app", "300m")] });
  expect(countedRequestMilli(less)).toBe(300);
});

it("while a pod as a whole is resized the largest of desired, allocated and actual is counted, with the overhead", () => {
  const spec = { overhead: { cpu: "50m" }, resources: { requests: { cpu: "100m" } }, containers: [container("app")] };
  const pod = podOf(spec, { allocatedResources: { cpu: "400m" }, resources: { requests: { cpu: "300m" } } });
  expect(countedRequestMilli(pod)).toBe(450);
});

it("a sidecar is a container among the others and is counted once; what starts the pod counts for its whole life", () => {
  const spec = {
    initContainers: [container("migrate", "900m"), container("proxy", "20m", { restartPolicy: "Always" })],
    containers: [container("app", "100m")],
  };
  const pod = podOf(spec, {
    containerStatuses: [{ name: "app", containerID: "containerd://a", state: { running: {} } }],
    initContainerStatuses: [{ name: "migrate", state: { terminated: {} } }, status("proxy", "p")],
  });
  expect(pod.containers.map(({ name, sidecar, running }) => [name, sidecar, running])).toEqual([
    ["app", false, true],
    ["proxy", true, true],
  ]);
  expect(countedRequestMilli(pod)).toBe(900);
  expect(containerIdsOf(pod)).toEqual(["a", "p"]);
  // The node still enforces 200m for the proxy.
  expect(countedRequestMilli({ ...pod, initRequestMilli: 0 })).toBe(300);
});

it("a raise costs nothing as far as the start of its pod needed more", () => {
  const spec = { initContainers: [container("migrate", "400m")], containers: [container("app", "100m")] };
  const pod = podOf(spec, { containerStatuses: [status("app", "a")] });
  expect([100, 200, 250, -50].map((change) => countedChangeMilli(pod, change))).toEqual([0, 0, 50, 0]);
});

it("an init container that runs is measured beside them, and a sidecar not twice", () => {
  const spec = {
    initContainers: [container("proxy", "20m", { restartPolicy: "Always" }), container("migrate", "900m")],
    containers: [container("app", "100m")],
  };
  const pod = podOf(spec, { phase: "Pending", initContainerStatuses: [status("proxy", "p"), status("migrate", "m")] });
  expect(containerIdsOf(pod)).toEqual(["p", "m"]);
  // The node still enforces 200m for the proxy.
  expect(countedRequestMilli(pod)).toBe(1100);
});
