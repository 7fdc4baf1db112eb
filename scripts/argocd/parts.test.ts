import { describe, expect, it } from "vitest";

import { clusterOf, parametersOf, selects } from "./clusters.ts";
import { compact, type Definition } from "./compact.ts";
import { complainOf, shown } from "./finding.ts";
import { ask } from "./live.ts";
import { checkSchema, type Schema } from "./schema.ts";
import { fill } from "./template.ts";

describe("a Go template", () => {
  const parameters = { name: "local-cluster", server: "https://x" };
  it.each([
    ["at {{ .server }}", "at https://x"],
    ['a{{ if ne .name "local-cluster" }}-{{ .name }}{{ end }}', "a"],
    [
      '{{ if eq .name "local-cluster" }}here{{ else }}there{{ end }} {{ if eq .name "x" }}1{{ else }}2{{ end }}',
      "here 2",
    ],
  ])("is filled: %s", (text, filled) => {
    expect(fill(text, parameters)).toBe(filled);
  });

  it.each([
    ["{{ .other }}", /names \.other/],
    ["{{ upper .name }}", /cannot be evaluated here/],
  ])("is refused: %s", (text, complaint) => {
    expect(() => fill(text, parameters)).toThrow(complaint);
  });
});

describe("a cluster generator", () => {
  const labels = { environment: "gpu-enabled", tier: "test" };
  it.each([
    [{}, true],
    [{ matchLabels: { environment: "gpu-enabled" } }, true],
    [{ matchLabels: { environment: "cpu" } }, false],
    [{ matchExpressions: [{ key: "tier", operator: "In", values: ["test", "prod"] }] }, true],
    [{ matchExpressions: [{ key: "tier", operator: "NotIn", values: ["test"] }] }, false],
    [{ matchExpressions: [{ key: "zone", operator: "DoesNotExist" }] }, true],
    [{ matchExpressions: [{ key: "zone", operator: "Exists" }] }, false],
  ])("with the selector %j selects: %s", (selector, selected) => {
    expect(selects(selector, labels)).toBe(selected);
  });

  it("gives a name that fits into others", () => {
    const cluster = { name: "Prod_EU/1", server: "https://x", labels };
    expect(parametersOf(cluster)["nameNormalized"]).toBe("prod-eu-1");
  });

  it("reads a Secret as the API server returns it", () => {
    const coded = (text: string): string => Buffer.from(text).toString("base64");
    const object = {
      kind: "Secret",
      metadata: { labels: { "argocd.argoproj.io/secret-type": "cluster" } },
      data: { name: coded("a"), server: coded("https://a") },
    };
    expect(clusterOf({ object, complain: complainOf("f") })).toMatchObject({ name: "a", server: "https://a" });
  });
});

const policy: Schema = {
  type: "object",
  properties: { automated: { type: "object", properties: { prune: { type: "boolean" } } } },
};

function definition(kind: string, spec: Schema): Definition {
  const described = { description: "words", ...spec };
  const openAPIV3Schema = { type: "object", properties: { spec: described, status: { type: "object" } } };
  return { spec: { names: { kind }, versions: [{ schema: { openAPIV3Schema } }] } };
}

describe("compact schemas", () => {
  const spec = (extra: Schema): Schema => ({
    type: "object",
    required: ["policy"],
    properties: { policy, extra, default: { type: "string" } },
  });
  const schemas = compact(
    [definition("A", spec({ type: "string" })), definition("B", spec({ type: "integer" }))],
    "test",
  );

  it("say once what is alike, and nothing of descriptions and status", () => {
    const text = JSON.stringify(schemas);
    expect(text.match(/"prune"/g)).toHaveLength(1);
    expect(text).not.toMatch(/words|status/);
  });

  it.each([
    [{ spec: { policy: { automated: { prune: true } }, default: "x" } }, ""],
    [{ spec: {} }, "f: spec.policy: nothing must be given"],
    [
      { spec: { policy: { automated: { prun: true } } } },
      "f: spec.policy.automated.prun: true is of a field that there is not; prune there is",
    ],
    [{ spec: { policy: {}, extra: 1 } }, "f: spec.extra: 1 is integer, should be string"],
  ])("judge as the long ones do: %j", (object, line) => {
    expect(checkSchema(object, "A", schemas, complainOf("f")).map(shown).join("\n")).toBe(line);
  });
});

describe("a cluster", () => {
  it("gives its schemas, its clusters and the names of its nodes", async () => {
    const answers: Readonly<Record<string, object>> = {
      applications: definition("Application", policy),
      applicationsets: definition("ApplicationSet", policy),
      appprojects: definition("AppProject", policy),
      nodes: {
        metadata: {},
        items: [{ metadata: { name: "a", labels: { "gpu-node-name": "node1" } } }, { metadata: { name: "b" } }],
      },
      secrets: {
        metadata: {},
        items: [
          {
            metadata: { labels: { "argocd.argoproj.io/secret-type": "cluster" } },
            data: { name: "YQ==", server: "aHR0cHM6Ly9h" },
          },
        ],
      },
    };
    const send = ({ path }: { readonly path: string }): Promise<unknown> =>
      Promise.resolve(Object.entries(answers).find(([name]) => new RegExp(`/${name}([.?]|$)`).test(path))?.[1]);
    const live = await ask({ send, stream: () => Promise.reject(new Error("nothing is watched")) }, "argocd");
    expect(Object.keys(live.schemas.kinds)).toEqual(["Application", "ApplicationSet", "AppProject"]);
    expect(live.clusters.map(({ name }) => name)).toEqual(["a"]);
    expect([...live.nodes]).toEqual(["a", "node1", "b"]);
  });
});
