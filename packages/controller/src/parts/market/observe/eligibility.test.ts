import { describe, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import { ineligibility, type Terms } from "./eligibility.ts";

const full: Terms = { mode: "full", runtimeHandler: undefined };

describe("a pod is left alone, with the reason, when", () => {
  const cases: [string, Partial<PodState>, string][] = [
    ["it is a mirror of a static pod", { mirror: true }, "MirrorPod"],
    ["it is a static pod", { configHash: "abc" }, "MirrorPod"],
    ["it runs windows", { windows: true }, "WindowsPod"],
    ["it is BestEffort, whose class any CPU would change", { qos: "BestEffort" }, "BestEffort"],
    ["its resources are set for the pod as a whole", { podLevelResources: true }, "PodLevelResources"],
    ["its resize could evict others", { priorityClass: "system-node-critical" }, "SystemCritical"],
    [
      "a CPU resize would restart a container",
      { containers: [aContainerState({ restartsOnCpuResize: true })] },
      "RestartsOnResize",
    ],
    [
      "a request would be added that cannot be removed",
      { containers: [aContainerState({ desired: { requestMilli: null, limitMilli: null } })] },
      "NoCpuRequest",
    ],
    ["it runs in gVisor, whose groups count nothing", { runtimeClass: "gvisor" }, "SandboxedRuntime"],
    ["it runs in a Kata virtual machine", { runtimeClass: "kata-qemu" }, "SandboxedRuntime"],
    ["its node does not report resources", { containers: [aContainerState({ actual: null })] }, "NodeTooOld"],
  ];
  it.each(cases)("%s", (_, part, reason) => {
    expect(ineligibility(aPod(part), full)?.reason).toBe(reason);
  });

  it("the handler of its runtime class is a sandbox's, whatever the class is called", () => {
    const pod = aPod({ runtimeClass: "untrusted" });
    expect(ineligibility(pod, { ...full, runtimeHandler: "runsc" })?.reason).toBe("SandboxedRuntime");
    expect(ineligibility(pod, { ...full, runtimeHandler: "crun" })).toBeNull();
    expect(ineligibility(aPod({ runtimeClass: "katana" }), full)).toBeNull();
  });

  it("it is Guaranteed and only requests may change, since its requests are its limits", () => {
    const pod = aPod({ qos: "Guaranteed" });
    expect(ineligibility(pod, { ...full, mode: "requests" })?.reason).toBe("GuaranteedRequest");
    expect(ineligibility(pod, full)).toBeNull();
  });

  it("a sidecar that cannot be resized does not keep the rest from it", () => {
    const bare = aContainerState({ sidecar: true, desired: { requestMilli: null, limitMilli: null } });
    const restarting = aContainerState({ sidecar: true, restartsOnCpuResize: true });
    expect(ineligibility(aPod({ containers: [aContainerState(), bare, restarting] }), full)).toBeNull();
  });

  it("and only then", () => {
    expect(ineligibility(aPod(), full)).toBeNull();
  });
});
