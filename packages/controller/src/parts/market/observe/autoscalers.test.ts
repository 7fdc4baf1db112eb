import { describe, expect, it } from "vitest";

import { toHorizontalState } from "../../../base/cluster/horizontal.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import { toVerticalState } from "../../../base/cluster/vertical.ts";
import { type Autoscalers, keptRequests, underVertical } from "./autoscalers.ts";

const metadata = { uid: "u", namespace: "shop", name: "cart" };
const target = { kind: "Deployment", name: "cart" };
const pod = aPod({ containers: [aContainerState({ name: "app" }), aContainerState({ name: "proxy" })] });

function horizontal(...metrics: object[]): Autoscalers {
  const state = toHorizontalState({ metadata, spec: { scaleTargetRef: target, metrics } });
  return { horizontal: state ? [state] : [], vertical: [] };
}

function vertical(containerPolicies: object[], updateMode = "InPlace"): Autoscalers {
  const spec = { targetRef: target, updatePolicy: { updateMode }, resourcePolicy: { containerPolicies } };
  const state = toVerticalState({ metadata, spec });
  return { horizontal: [], vertical: state ? [state] : [] };
}

const utilization = { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } };
const wholePod = { type: "Resource", resource: utilization };
const ofContainer = (container: string): object => ({
  type: "ContainerResource",
  containerResource: { ...utilization, container },
});

describe("requests that an autoscaler divides by are kept", () => {
  it("of every container, and who divides is named", () => {
    expect(keptRequests(pod, horizontal(wholePod), "full")).toEqual({
      containers: new Set(["app", "proxy"]),
      message: "HorizontalPodAutoscaler shop/cart divides by its CPU request: only its limit is managed",
    });
  });

  it("of the container that it looks at alone", () => {
    expect(keptRequests(pod, horizontal(ofContainer("app")), "full")).toEqual({
      containers: new Set(["app"]),
      message:
        "HorizontalPodAutoscaler shop/cart divides by the CPU request of container app: only its limit is managed",
    });
  });

  it("and where limits are not managed, that is said", () => {
    expect(keptRequests(pod, horizontal(wholePod), "requests")?.message).toContain("in mode requests");
    expect(keptRequests({ ...pod, qos: "Guaranteed" }, horizontal(wholePod), "full")?.message).toContain("Guaranteed");
  });

  it("but not for a container that the pod does not have, nor without an autoscaler", () => {
    expect(keptRequests(pod, horizontal(ofContainer("other")), "full")).toBeNull();
    expect(keptRequests(pod, { horizontal: [], vertical: [] }, "full")).toBeNull();
  });
});

describe("a pod that an autoscaler sizes is left alone", () => {
  it("with the container and the mode in the reason", () => {
    expect(underVertical(pod, vertical([{ containerName: "app", mode: "Off" }]))).toEqual({
      reason: "UnderVpa",
      message: "VerticalPodAutoscaler shop/cart (updateMode InPlace) sets the CPU of container proxy",
    });
  });

  it.each([
    ["it only advises", vertical([], "Off")],
    ["it acts at creation only", vertical([], "Initial")],
    ["it sets memory only", vertical([{ containerName: "*", controlledResources: ["memory"] }])],
    ["it is off for every container", vertical([{ containerName: "*", mode: "Off" }])],
  ])("unless %s", (_, autoscalers) => {
    expect(underVertical(pod, autoscalers)).toBeNull();
  });
});
