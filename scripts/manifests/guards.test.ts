import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { build, type Manifest } from "./load.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy", "kustomize");
const all = (await build(deploy)) as readonly (Manifest & { readonly spec?: object })[];
const specsOf = (kind: string): readonly object[] =>
  all.filter((one) => one.kind === kind).map(({ metadata, spec = {} }) => ({ name: metadata.name, ...spec }));

describe("the shipped policies of admission", () => {
  it("come with the base, each bound to deny, and refuse where they cannot be asked", () => {
    const policies = specsOf("ValidatingAdmissionPolicy");
    expect(policies.map((one) => Object.entries(one)[0]?.[1] as unknown)).toEqual([
      "walras-podallocations",
      "walras-opt-out",
    ]);
    for (const policy of policies) expect(policy).toMatchObject({ failurePolicy: "Fail" });
    expect(specsOf("ValidatingAdmissionPolicyBinding")).toEqual(
      ["walras-podallocations", "walras-opt-out"].map((name) => ({
        name,
        policyName: name,
        validationActions: ["Deny"],
      })),
    );
  });

  it("know the controller by the account that it runs as, in the first variable, where an overlay can put another", () => {
    const { name, namespace } = all.find(
      ({ kind, metadata }) => kind === "ServiceAccount" && metadata.name === "walras-controller",
    )?.metadata ?? { name: "", namespace: "" };
    expect(specsOf("ValidatingAdmissionPolicy")[0]).toMatchObject({
      variables: [{ name: "controller", expression: `"system:serviceaccount:${namespace}:${name}"` }, {}],
    });
  });
});

describe("the shipped identity", () => {
  it("is a Secret and a ConfigMap that stand empty, and two rights on each by name", () => {
    const byName = (name: string): object | undefined => all.find(({ metadata }) => metadata.name === name);
    for (const name of ["walras-tls", "walras-controller-ca"]) expect(byName(name)).not.toHaveProperty("data");
    expect(byName("walras-controller-identity")).toMatchObject({
      rules: [
        { resources: ["secrets"], resourceNames: ["walras-tls"], verbs: ["get", "patch"] },
        { resources: ["configmaps"], resourceNames: ["walras-controller-ca"], verbs: ["get", "patch"] },
      ],
    });
  });
});
