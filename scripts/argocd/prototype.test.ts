// What the prototype's document of its Argo CD configuration tells, as far as it can be seen without a cluster.
import { describe, expect, it } from "vitest";

import { applicationsOf } from "./generate.ts";
import { clusterOf } from "./clusters.ts";
import { shown } from "./finding.ts";
import type { Application, Map, Project, Source } from "./model.ts";
import { schemas, shippedBut } from "./testing.ts";
import { validate } from "./validate.ts";

const sources = await shippedBut();

function sourceOf(kind: string, name: string): Source {
  const found = sources.find(
    ({ object }) => object.kind === kind && (object["metadata"] as { name: string }).name === name,
  );
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

/** The Applications of a set on these clusters; what their charts make is not looked at. */
async function generated(
  name: string,
  clusters: readonly { name: string; server: string; labels: Record<string, string> }[],
): Promise<readonly Application[]> {
  const { deployed } = await applicationsOf(sourceOf("ApplicationSet", name), { schemas, clusters, charts: null });
  return deployed.map(({ application }) => application);
}

const local = clusterOf(sourceOf("Secret", "local-cluster"));
if (!("server" in local)) throw new Error("the Secret is of no cluster");
const edge = { name: "Edge_1", server: "https://edge", labels: { environment: "gpu-enabled" } };

describe("local-cluster-secret.yaml", () => {
  it("registers the local cluster with the label that ApplicationSets look for", () => {
    expect(local).toMatchObject({
      name: "local-cluster",
      server: "https://kubernetes.default.svc",
      labels: { environment: "gpu-enabled" },
    });
  });

  it("is essential: without it no Application is made", async () => {
    const without = sources.filter(({ object }) => object.kind !== "Secret");
    const findings = await validate(without, { schemas, clusters: [], charts: null, nodes: null });
    expect(findings.map(shown)).toHaveLength(3);
    for (const finding of findings)
      expect(shown(finding)).toMatch(/selector: .* selects none of no cluster at all: no Application is made/);
  });
});

describe("gpu-scheduler-complete-applicationset.yaml", () => {
  it("makes the Application gpu-scheduler-complete, and one for each other cluster with the label", async () => {
    const others = { name: "cpu", server: "https://cpu", labels: { environment: "prod" } };
    const applications = await generated("gpu-scheduler-complete", [local, edge, others]);
    expect(applications.map(({ metadata }) => metadata.name)).toEqual([
      "gpu-scheduler-complete",
      "gpu-scheduler-complete-edge-1",
    ]);
  });

  it("carries the scheduling map of the document", async () => {
    const [application] = await generated("gpu-scheduler-complete", [local]);
    const { check } = application!.spec.source.helm!.valuesObject as { check: { gpuScheduling: Map } };
    expect(check.gpuScheduling).toEqual({
      schedulingMap: [
        { podIndex: 0, nodeName: "node1", gpuDevices: "0,1" },
        { podIndex: 1, nodeName: "node2", gpuDevices: "2" },
        { podIndex: 2, nodeName: "node3", gpuDevices: "0,1,2" },
      ],
    });
  });
});

describe("the individual ApplicationSets", () => {
  it("deploy scheduler and check into their namespaces, on the cluster that was selected", async () => {
    const applications = await Promise.all(
      ["gpu-scheduler", "gpu-scheduler-check"].map((name) => generated(name, [edge])),
    );
    expect(applications.flat().map(({ metadata, spec }) => [metadata.name, spec.destination])).toEqual([
      ["edge-1-gpu-scheduler", { server: "https://edge", namespace: "gpu-scheduler-system" }],
      ["edge-1-gpu-test-service", { server: "https://edge", namespace: "gpu-scheduler-tests" }],
    ]);
  });
});

describe("repoURL", () => {
  it("is named where it was changed in an ApplicationSet and not in the project", async () => {
    const path = ["spec", "template", "spec", "source", "repoURL"];
    const changed = await shippedBut("gpu-scheduler-applicationset.yaml", path, "git@gitlab.com:me/gpu-scheduler.git");
    const findings = await validate(changed, { schemas, clusters: [], charts: null, nodes: null });
    expect(findings.map(shown)).toEqual([
      'deploy/argocd/gpu-scheduler-applicationset.yaml: spec.template.spec.source.repoURL: "git@gitlab.com:me/gpu-scheduler.git" is not among sourceRepos of the project gpu-scheduler',
    ]);
  });
});

describe("gpu-scheduler-project.yaml", () => {
  interface Access {
    readonly roles: readonly { readonly name: string; readonly policies: readonly string[] }[];
    readonly syncWindows: readonly Map[];
  }
  const { spec } = sourceOf("AppProject", "gpu-scheduler").object as unknown as { spec: Access & Project["spec"] };

  it("lets applications be synced at any time, by hand too", () => {
    expect(spec.syncWindows).toEqual([
      { kind: "allow", schedule: "* * * * *", duration: "24h", applications: ["*"], manualSync: true },
    ]);
  });

  it("gives access by its roles, of which one only reads", () => {
    const verbs = spec.roles.map(({ name, policies }) => [name, ...policies.map((policy) => policy.split(", ")[3])]);
    expect(verbs).toEqual([
      ["gpu-scheduler-admin", "*"],
      ["gpu-scheduler-readonly", "get"],
    ]);
  });

  it("keeps the components in two namespaces and from each other kind", () => {
    expect(spec.destinations!.map(({ namespace }) => namespace)).toEqual([
      "gpu-scheduler-system",
      "gpu-scheduler-tests",
    ]);
    const kinds = [...spec.clusterResourceWhitelist!, ...spec.namespaceResourceWhitelist!].map(
      ({ group, kind }) => group + kind,
    );
    expect(kinds.join()).not.toContain("*");
  });
});
