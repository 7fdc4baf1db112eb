import { describe, expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { allowanceOf } from "./allowance.ts";
import { toLimitRangeState } from "./limitRange.ts";
import { counts, type QuotaState, toQuotaState } from "./quota.ts";

const nothing = { requestMilli: 0, limitMilli: 0 };

function quotaOf(spec: object, status: object = {}): QuotaState | undefined {
  return toQuotaState({ metadata: { uid: "q", namespace: "default", name: "team" }, spec, status });
}

describe("a quota", () => {
  it("leaves what is not used, of requests under either name and of limits", () => {
    const hard = { "requests.cpu": "1", cpu: "900m", "limits.cpu": "2" };
    const used = { "requests.cpu": "300m", cpu: "300m", "limits.cpu": "2500m" };
    expect(quotaOf({ hard }, { hard, used })).toMatchObject({ requestLeftMilli: 600, limitLeftMilli: 0 });
  });

  it("leaves nothing until somebody has counted", () => {
    expect(quotaOf({ hard: { "requests.cpu": "1" } })).toMatchObject({ requestLeftMilli: 0, limitLeftMilli: null });
  });

  it("says nothing of CPU where it is about something else", () => {
    expect(quotaOf({ hard: { pods: "10", "requests.memory": "1Gi" } })).toBeUndefined();
  });

  const selector = (operator: string, values: string[] = []): object => ({
    scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, values }] },
  });
  it.each<[string, object, boolean]>([
    ["all pods", {}, true],
    ["BestEffort pods", { scopes: ["BestEffort"] }, false],
    ["others than BestEffort pods", { scopes: ["NotBestEffort"] }, true],
    ["pods that are to end", { scopes: ["Terminating"] }, false],
    ["pods that are to stay", { scopes: ["NotTerminating"] }, true],
    ["pods of its priority class", selector("In", ["high"]), true],
    ["pods of another priority class", selector("In", ["low"]), false],
    ["pods not of its priority class", selector("NotIn", ["high"]), false],
    ["pods of any priority class", selector("Exists"), true],
    ["pods of none", selector("DoesNotExist"), false],
    ["pods by what cannot be told", { scopes: ["CrossNamespacePodAffinity"] }, true],
  ])("on %s counts whom it concerns", (_, spec, expected) => {
    const quota = quotaOf({ hard: { "requests.cpu": "1" }, ...spec });
    expect(counts(quota!, aPod({ priorityClass: "high" }))).toBe(expected);
  });
});

it("the tightest of a namespace's bounds holds, less what is taken already", () => {
  const range = (limits: object): ReturnType<typeof toLimitRangeState> =>
    toLimitRangeState({ metadata: { uid: "l", namespace: "default", name: "l" }, spec: { limits: [limits] } });
  const limitRanges = [
    range({ type: "Container", min: { cpu: "50m" }, max: { cpu: "2" }, default: { cpu: "1" } }),
    range({ type: "Container", max: { cpu: "500m" }, maxLimitRequestRatio: { cpu: "2.5" } }),
    range({ type: "Pod", max: { cpu: "1" } }),
    range({ type: "PersistentVolumeClaim", max: { storage: "1Gi" } }),
  ];
  const quotas = [
    { hard: { "requests.cpu": "1" }, used: { "requests.cpu": "800m" } },
    { hard: { "requests.cpu": "900m" }, used: { "requests.cpu": "800m" } },
  ].map((status) => quotaOf({ hard: status.hard }, status)!);
  const bounds = { limitRanges: () => limitRanges, quotas: () => quotas };
  expect(allowanceOf(aPod(), bounds, { requestMilli: 30, limitMilli: 0 })).toEqual({
    container: { minMilli: 50, maxMilli: 500, maxRatio: 2.5 },
    pod: { minMilli: 0, maxMilli: 1000, maxRatio: Infinity },
    requests: { milli: 70, quota: "team" },
    limits: { milli: Infinity, quota: "" },
  });
});

it("a namespace without either allows anything", () => {
  expect(allowanceOf(aPod(), { limitRanges: () => [], quotas: () => [] }, nothing)).toBeUndefined();
});
