import { readPodPolicy } from "@walras/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { policiesSchema } from "../policies.ts";
import { managedPod } from "./managed.ts";
import { isLike, policyFor, type PodRule } from "./rules.ts";
import { aSight, aView } from "./testing.ts";

const rulesOf = (...rules: readonly object[]): readonly PodRule[] =>
  policiesSchema.parse(rules.map((rule, index) => ({ name: `r${index}`, ...rule })));
const nameFor = (
  pod: Parameters<typeof aPod>[0],
  rules: readonly PodRule[],
  labels?: Record<string, string>,
): string | undefined => policyFor(aPod(pod), labels, rules)?.name;

describe("a rule is about a pod", () => {
  it.each([
    ["of its namespaces", { namespaces: ["team-*"] }, { namespace: "team-a" }, { namespace: "shop" }],
    ["of its QoS class", { qos: ["Guaranteed"] }, { qos: "Guaranteed" }, { qos: "Burstable" }],
    ["of its kinds of workload", { kinds: ["Job"] }, { workload: { kind: "Job", name: "j" } }, { workload: null }],
    ["that nothing made", { kinds: ["Pod"] }, { workload: null }, { workload: { kind: "Job", name: "j" } }],
    ["with its labels", { selector: { matchLabels: { tier: "web" } } }, { labels: { tier: "web" } }, { labels: {} }],
    [
      "without its labels",
      { selector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } },
      { labels: {} },
      { labels: { tier: "web" } },
    ],
  ] as const)("%s, and about no other", (_, rule, ours, other) => {
    const rules = rulesOf(rule);
    expect([nameFor(ours, rules), nameFor(other, rules)]).toEqual(["r0", undefined]);
  });

  it("of namespaces with its labels, and not while these are not known", () => {
    const rules = rulesOf({ "namespace-selector": { matchLabels: { team: "a" } } });
    expect(nameFor({}, rules, { team: "a" })).toBe("r0");
    expect([nameFor({}, rules, { team: "b" }), nameFor({}, rules)]).toEqual([undefined, undefined]);
  });

  it("before all later ones, and one without conditions is about every pod", () => {
    const rules = rulesOf({ namespaces: ["a"] }, {}, { namespaces: ["b"] });
    expect([nameFor({ namespace: "a" }, rules), nameFor({ namespace: "b" }, rules)]).toEqual(["r0", "r1"]);
  });

  it("by names in which a star stands for any letters, as a regular expression would find them", () => {
    const piece = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 4 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), piece, piece, (pieces, one, other) => {
        const pattern = new RegExp(`^${pieces.join(".*")}$`);
        for (const text of [one, one + other, pieces.join(one), one + pieces.join(other)])
          expect(isLike(text, pieces.join("*"))).toBe(pattern.test(text));
      }),
    );
  });
});

describe("what holds for a pod", () => {
  const rules = rulesOf({ weight: 3, "min-cpu": "100m", "max-cpu": 2, mode: "requests", limits: "tight" });
  const other = rules[0]?.policy;

  it("is its owner's annotation, else the rule's, else the flag's", () => {
    const { policy, complaints } = readPodPolicy({ "mbcas.io/weight": "5", "mbcas.io/limits": "ample" }, other);
    expect(policy).toEqual({ weight: 5, minMilli: 100, maxMilli: 2000, mode: "requests", limits: "ample" });
    expect([complaints, readPodPolicy({}).policy.weight]).toEqual([[], 1]);
  });

  it("is the rule's where an annotation cannot be read, which is told", () => {
    const { policy, complaints } = readPodPolicy({ "mbcas.io/weight": "heavy" }, other);
    expect([policy.weight, complaints.length]).toEqual([3, 1]);
  });

  it("is the owner's bound where the rule's contradicts it, and nobody is complained about", () => {
    expect(readPodPolicy({ "mbcas.io/min-cpu": "3" }, other)).toMatchObject({
      policy: { minMilli: 3000, maxMilli: null },
      complaints: [],
    });
    expect(readPodPolicy({ "mbcas.io/max-cpu": "50m" }, other).policy).toMatchObject({ minMilli: null, maxMilli: 50 });
  });

  it("goes no further than the least of the three says", () => {
    const modes = ["off", "recommend", "requests", "full"] as const;
    const mode = fc.constantFrom(...modes);
    const maybe = fc.option(mode, { nil: undefined });
    fc.assert(
      fc.property(mode, maybe, maybe, (flag, ruled, owner) => {
        const pod = aPod({ annotations: owner === undefined ? {} : { "mbcas.io/mode": owner } });
        const policies = ruled === undefined ? [] : rulesOf({ mode: ruled });
        const settings = { mode: flag, limits: "ample", sizeNewPods: false, overbook: 4, policies } as const;
        const seen = managedPod(pod, aSight(aView([pod]), { settings }), 4_000);
        const said = [flag, ruled, owner].flatMap((one) => (one === undefined ? [] : [modes.indexOf(one)]));
        expect(modes.indexOf(seen.mode)).toBe(Math.min(...said));
      }),
    );
  });
});

describe("rules in the file", () => {
  it.each([
    [{ "min-cpu": "none" }, "min-cpu"],
    [{ "min-cpu": "2", "max-cpu": "1" }, "min-cpu"],
    [{ weight: 0 }, "weight"],
    [{ mode: "half" }, "mode"],
    [{ namespaces: ["Team"] }, "namespaces.0"],
    [{ selector: { matchExpressions: [{ key: "a", operator: "In" }] } }, "selector.matchExpressions.0"],
    [{ qos: [] }, "qos"],
  ])("that make no sense are refused: %j", (rule, path) => {
    const { error } = policiesSchema.safeParse([{ name: "r", ...rule }]);
    expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([`0.${path}`]);
  });
});
