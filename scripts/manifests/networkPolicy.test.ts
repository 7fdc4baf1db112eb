import { describe, expect, it } from "vitest";

import { type Endpoint, lets, type NetworkPolicy, type Target } from "./networkPolicy.ts";

const target: Target = {
  namespace: "home",
  labels: { app: "server", tier: "back" },
  ports: [{ name: "web", containerPort: 80 }],
};
const neighbour: Endpoint = { namespace: "home", labels: { app: "client" } };
const stranger: Endpoint = { namespace: "away", namespaceLabels: { team: "red" }, labels: { app: "client" } };

function policy(spec: Partial<NetworkPolicy["spec"]>, namespace = "home"): NetworkPolicy {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "policy", namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ...spec },
  };
}

const client = { podSelector: { matchLabels: { app: "client" } } };

describe("ingress", () => {
  it.each<[string, readonly NetworkPolicy[], boolean]>([
    ["no policy", [], true],
    ["a policy of another namespace", [policy({}, "away")], true],
    ["a policy for other pods", [policy({ podSelector: { matchLabels: { app: "other" } } })], true],
    ["a policy for what leaves", [policy({ policyTypes: ["Egress"] })], true],
    ["a policy without rules", [policy({})], false],
    ["a rule for everybody", [policy({ ingress: [{}] })], true],
    ["an empty list of peers, which is everybody", [policy({ ingress: [{ from: [] }] })], true],
    ["a rule of one beside another's denial", [policy({}), policy({ ingress: [{ from: [client] }] })], true],
    [
      "a rule for other pods",
      [policy({ ingress: [{ from: [{ podSelector: { matchLabels: { app: "x" } } }] }] })],
      false,
    ],
    ["a rule for another port", [policy({ ingress: [{ ports: [{ port: 81 }] }] })], false],
    ["a rule for the port's number", [policy({ ingress: [{ ports: [{ port: 80 }] }] })], true],
    ["a rule for the port's name", [policy({ ingress: [{ ports: [{ port: "web" }] }] })], true],
    ["a rule for a name that no port has", [policy({ ingress: [{ ports: [{ port: "admin" }] }] })], false],
  ])("of a neighbour under %s", (_, policies, expected) => {
    expect(lets(policies, neighbour, target, 80)).toBe(expected);
  });

  it.each<[string, NonNullable<NetworkPolicy["spec"]["ingress"]>[number], boolean]>([
    ["pods alone are those of the policy's namespace", { from: [client] }, false],
    ["a namespace by its label", { from: [{ namespaceSelector: { matchLabels: { team: "red" } } }] }, true],
    ["every namespace", { from: [{ namespaceSelector: {} }] }, true],
    [
      "a namespace by its name, and pods in it",
      { from: [{ ...client, namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "away" } } }] },
      true,
    ],
    [
      "the right namespace and the wrong pods",
      { from: [{ podSelector: { matchLabels: { app: "x" } }, namespaceSelector: {} }] },
      false,
    ],
  ])("of a stranger: %s", (_, rule, expected) => {
    expect(lets([policy({ ingress: [rule] })], stranger, target, 80)).toBe(expected);
  });

  it.each([
    ["In", ["back", "front"], "tier", false],
    ["In", ["front"], "tier", true],
    ["NotIn", ["back"], "tier", true],
    ["NotIn", ["front"], "absent", false],
    ["Exists", [], "tier", false],
    ["DoesNotExist", [], "tier", true],
  ])("to pods that %s %j selects by %s", (operator, values, key, open) => {
    const selecting = policy({ podSelector: { matchExpressions: [{ key, operator, values }] } });
    expect(lets([selecting], neighbour, target, 80)).toBe(open);
  });

  it("is not guessed where a rule is of a sort that is not known", () => {
    const block = policy({ ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] });
    expect(() => lets([block], neighbour, target, 80)).toThrow("address blocks are not known");
    const odd = policy({ podSelector: { matchExpressions: [{ key: "app", operator: "Gt" }] } });
    expect(() => lets([odd], neighbour, target, 80)).toThrow("operator Gt is not known");
  });
});
