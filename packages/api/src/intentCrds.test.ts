import { expect, it } from "vitest";

import { intentCrd, kpiProfileCrd } from "./intentCrds.ts";

interface Served {
  readonly spec: {
    readonly group: string;
    readonly names: unknown;
    readonly versions: readonly {
      readonly name: string;
      readonly subresources: unknown;
      readonly additionalPrinterColumns: readonly { readonly name: string; readonly jsonPath: string }[];
      readonly schema: { readonly openAPIV3Schema: unknown };
    }[];
  };
}

const intent = intentCrd() as unknown as Served;
const profile = kpiProfileCrd() as unknown as Served;

it.each([
  [intent, { kind: "Intent", plural: "intents", shortNames: ["i", "ido"] }],
  [profile, { kind: "KPIProfile", plural: "kpiprofiles", shortNames: ["kp", "kpis"] }],
])("has the prototype's names, and a status of its own", ({ spec }, names) => {
  expect(spec).toMatchObject({ group: "ido.intel.com", names: { ...names, categories: ["all"] } });
  expect(spec.versions).toMatchObject([{ name: "v1alpha1", subresources: { status: {} } }]);
});

it("an Intent has the prototype's fields, limits and defaults", () => {
  expect(intent.spec.versions[0]?.schema.openAPIV3Schema).toMatchObject({
    properties: {
      spec: {
        required: ["targetRef", "objectives"],
        properties: {
          targetRef: {
            required: ["name"],
            properties: { kind: { enum: ["Deployment", "ReplicaSet"], default: "Deployment" } },
          },
          priority: { minimum: 0.01, maximum: 1, default: 0.01 },
          active: { default: true },
          objectives: {
            minItems: 1,
            maxItems: 5,
            items: {
              required: ["name", "value", "measuredBy"],
              properties: { tolerance: { minimum: 0, default: 0 } },
            },
          },
        },
      },
    },
  });
});

it("a KPIProfile takes any properties beside its endpoint", () => {
  expect(profile.spec.versions[0]?.schema.openAPIV3Schema).toMatchObject({
    properties: {
      spec: {
        required: ["type"],
        properties: {
          type: { enum: ["availability", "latency", "throughput", "power"] },
          minimize: { default: true },
          props: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    },
  });
});

it.each([intent, profile])("every column shows a field that there is", ({ spec }) => {
  const [version] = spec.versions;
  const known = JSON.stringify(version?.schema);
  for (const { jsonPath } of version?.additionalPrinterColumns ?? []) {
    const field = /^\.(?:spec|status)\.(\w+)/.exec(jsonPath)?.[1];
    expect(field === undefined ? jsonPath : known).toContain(field === undefined ? "creationTimestamp" : `"${field}":`);
  }
});
