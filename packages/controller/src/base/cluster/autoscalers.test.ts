import { describe, expect, it } from "vitest";

import { toHorizontalState } from "./horizontal.ts";
import { actsOn, toVerticalState } from "./vertical.ts";

const metadata = { uid: "u", namespace: "shop", name: "scaler" };
const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "cart" };

function horizontal(...metrics: object[]): ReturnType<typeof toHorizontalState> {
  return toHorizontalState({ metadata, spec: { scaleTargetRef: ref, maxReplicas: 5, metrics } });
}

const resource = (name: string, type: string): object => ({ type: "Resource", resource: { name, target: { type } } });
const ofContainer = (container: string, type: string, name = "cpu"): object => ({
  type: "ContainerResource",
  containerResource: { name, container, target: { type } },
});

describe("a HorizontalPodAutoscaler", () => {
  it.each([
    ["utilisation of the pod's CPU", [resource("cpu", "Utilization")], null],
    ["no metric, which the API server takes for CPU", [], null],
    ["utilisation of one container", [ofContainer("app", "Utilization")], ["app"]],
    ["one container beside the whole pod", [ofContainer("app", "Utilization"), resource("cpu", "Utilization")], null],
    ["CPU beside memory", [resource("memory", "Utilization"), resource("cpu", "Utilization")], null],
  ])("by %s divides by requests", (_, metrics, containers) => {
    expect(horizontal(...metrics)).toEqual({ ...metadata, target: { kind: "Deployment", name: "cart" }, containers });
  });

  it.each([
    ["an average value of CPU", resource("cpu", "AverageValue")],
    ["an average value of a container's CPU", ofContainer("app", "AverageValue")],
    ["memory", resource("memory", "Utilization")],
    ["a container's memory", ofContainer("app", "Utilization", "memory")],
    ["queue length", { type: "External", external: { metric: { name: "q" }, target: { type: "AverageValue" } } }],
  ])("by %s does not", (_, metric) => {
    expect(horizontal(metric)).toBeUndefined();
  });
});

function vertical(updateMode?: string, containerPolicies: object[] = []): ReturnType<typeof toVerticalState> {
  const updatePolicy = updateMode === undefined ? {} : { updatePolicy: { updateMode } };
  return toVerticalState({
    metadata,
    spec: { targetRef: ref, ...updatePolicy, resourcePolicy: { containerPolicies } },
  });
}

describe("a VerticalPodAutoscaler", () => {
  it.each(["Auto", "Recreate", "InPlaceOrRecreate", "InPlace", undefined])("in mode %s acts on pods", (mode) => {
    const state = vertical(mode);
    expect(state).toMatchObject({ target: { kind: "Deployment", name: "cart" }, mode: mode ?? "Auto" });
    expect(state && actsOn(state, "app")).toBe(true);
  });

  it.each(["Off", "Initial"])("in mode %s does not", (mode) => {
    expect(vertical(mode)).toBeUndefined();
  });

  it.each([
    ["nothing of a container that is off", [{ containerName: "app", mode: "Off" }], false, true],
    ["nothing but memory", [{ containerName: "*", controlledResources: ["memory"] }], false, false],
    ["CPU where it is named", [{ containerName: "app", controlledResources: ["cpu", "memory"] }], true, true],
    [
      "one container only",
      [
        { containerName: "*", mode: "Off" },
        { containerName: "app", mode: "Auto" },
      ],
      true,
      false,
    ],
  ])("sets %s", (_, policies, app, proxy) => {
    const state = vertical("InPlace", policies);
    expect(state && [actsOn(state, "app"), actsOn(state, "proxy")]).toEqual([app, proxy]);
  });
});
