import { describe, expect, it } from "vitest";

import { barOf } from "./constraints.ts";
import type { SchedNode } from "./node.ts";
import type { Constraints } from "./terms.ts";

const node = (part: Partial<SchedNode> = {}): SchedNode => ({
  uid: "u",
  namespace: "",
  name: "n",
  logicalName: "",
  labels: { zone: "b", cores: "16" },
  taints: [],
  unschedulable: false,
  ready: true,
  allocatable: {},
  model: "",
  published: [],
  ...part,
});

const pod = (part: Partial<Constraints> = {}): Constraints => ({
  tolerations: [],
  nodeSelector: {},
  terms: null,
  unsupported: [],
  ...part,
});

const affinity = "node(s) didn't match Pod's node affinity/selector";

describe("a toleration", () => {
  const taint = { key: "k", value: "v", effect: "NoExecute" };

  it.each([
    [{ key: "k", operator: "Equal", value: "v", effect: "NoExecute" }, true],
    [{ key: "k", operator: "Equal", value: "v", effect: "" }, true],
    [{ key: "k", operator: "Exists", value: "", effect: "" }, true],
    [{ key: "", operator: "Exists", value: "", effect: "" }, true],
    [{ key: "k", operator: "Equal", value: "other", effect: "" }, false],
    [{ key: "other", operator: "Exists", value: "", effect: "" }, false],
    [{ key: "k", operator: "Equal", value: "v", effect: "NoSchedule" }, false],
    [{ key: "", operator: "Equal", value: "v", effect: "" }, false],
  ])("%j holds: %s", (toleration, tolerates) => {
    const bar = barOf(pod({ tolerations: [toleration] }), node({ taints: [taint] }));
    expect(bar).toBe(tolerates ? null : "node(s) had untolerated taint {k: v}");
  });

  it("is not needed for a taint that only prefers", () => {
    expect(barOf(pod(), node({ taints: [{ ...taint, effect: "PreferNoSchedule" }] }))).toBeNull();
  });

  it("of the cordon lets a pod onto a cordoned node", () => {
    const cordon = { key: "node.kubernetes.io/unschedulable", operator: "Exists", value: "", effect: "NoSchedule" };
    expect(barOf(pod(), node({ unschedulable: true }))).toBe("node(s) were unschedulable");
    expect(barOf(pod({ tolerations: [cordon] }), node({ unschedulable: true }))).toBeNull();
  });
});

describe("required node affinity", () => {
  it.each([
    ["In", "zone", ["a", "b"], true],
    ["In", "zone", ["a"], false],
    ["NotIn", "zone", ["a"], true],
    ["NotIn", "none", ["a"], true],
    ["Exists", "zone", [], true],
    ["DoesNotExist", "zone", [], false],
    ["Gt", "cores", ["8"], true],
    ["Lt", "cores", ["8"], false],
    ["Gt", "zone", ["8"], false],
    ["Sometimes", "zone", ["b"], false],
  ])("%s %s %j: %s", (operator, key, values, matches) => {
    const terms = [{ labels: [{ key, operator, values }], fields: [] }];
    expect(barOf(pod({ terms }), node())).toBe(matches ? null : affinity);
  });

  it("is met by any term, and by none where there is none or it is empty", () => {
    const other = { labels: [], fields: [{ key: "metadata.name", operator: "In", values: ["other"] }] };
    const own = { labels: [], fields: [{ key: "metadata.name", operator: "In", values: ["n"] }] };
    expect(barOf(pod({ terms: [other, own] }), node())).toBeNull();
    expect(barOf(pod({ terms: [other] }), node())).toBe(affinity);
    expect(barOf(pod({ terms: [{ labels: [], fields: [] }] }), node())).toBe(affinity);
    expect(barOf(pod({ terms: [] }), node())).toBe(affinity);
  });
});
