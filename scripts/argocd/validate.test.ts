import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";

import { shown } from "./finding.ts";
import type { Charts, Release } from "./helm.ts";
import type { Map } from "./model.ts";
import { helm, root, schemas, shipped, shippedBut } from "./testing.ts";
import { validate } from "./validate.ts";

const complete = "gpu-scheduler-complete-applicationset.yaml";
const scheduler = "gpu-scheduler-applicationset.yaml";
const check = "gpu-scheduler-check-applicationset.yaml";
const project = "gpu-scheduler-project.yaml";
const secret = "local-cluster-secret.yaml";

const source = ["spec", "template", "spec", "source"] as const;
const checkMap = [...source, "helm", "valuesObject", "gpuScheduling", "schedulingMap"] as const;

interface Options {
  readonly nodes?: readonly string[];
  readonly charts?: Charts;
}

async function lines(change: Parameters<typeof shippedBut>, { nodes, charts }: Options = {}): Promise<string> {
  const world = { schemas, clusters: [], charts: charts ?? null, nodes: nodes ? new Set(nodes) : null };
  const findings = await validate(await shippedBut(...change), world);
  return findings.map(shown).join("\n");
}

/** Charts that make objects of these kinds alone. */
function chartsOf(kinds: Readonly<Record<string, readonly string[]>>): Charts & { readonly rendered: Release[] } {
  const rendered: Release[] = [];
  const render = (release: Release): Promise<readonly Map[]> => {
    rendered.push(release);
    return Promise.resolve((kinds[release.chart] ?? []).map((kind) => ({ apiVersion: "v1", kind })));
  };
  return { rendered, render };
}

describe("what is shipped", () => {
  it("has nothing wrong by itself", async () => {
    expect(await lines([], { nodes: ["node1", "node2", "node3"] })).toBe("");
  });

  it.skipIf(helm === null)("has nothing wrong with what its charts make", async () => {
    expect(await lines([], { nodes: ["node1", "node2", "node3"], charts: helm! })).toBe("");
  });

  it("renders each chart with the values and the namespace of its Application", async () => {
    const charts = chartsOf({});
    await lines([], { charts });
    expect(charts.rendered.map(({ chart, name, namespace }) => `${chart} ${name} ${namespace}`).toSorted()).toEqual([
      "deploy/gpu-scheduler-chart gpu-scheduler gpu-scheduler-system",
      "deploy/gpu-scheduler-check-chart gpu-test-service gpu-scheduler-tests",
      "deploy/gpu-scheduler-complete-chart gpu-scheduler-complete argocd",
    ]);
  });
});

describe("a fault is told with file, field and value", () => {
  const faults: readonly [string, Parameters<typeof shippedBut>, RegExp][] = [
    [
      "a field that there is not",
      [scheduler, ["spec", "template", "spec", "syncPolicy", "automatic"], {}],
      /gpu-scheduler-applicationset\.yaml: spec\.template\.spec\.syncPolicy\.automatic: \{\} is of a field that there is not; automated there is/,
    ],
    [
      "a value of another type",
      [scheduler, ["spec", "template", "spec", "syncPolicy", "retry", "limit"], "5"],
      /retry\.limit: "5" is string, should be integer/,
    ],
    [
      "a field that is needed",
      [scheduler, [...source, "repoURL"], undefined],
      /source\.repoURL: nothing must be given/,
    ],
    [
      "a kind that Argo CD has not",
      [scheduler, ["kind"], "ApplicationSets"],
      /kind: "ApplicationSets" is not one of those/,
    ],
    [
      "a selector that selects no cluster",
      [complete, ["spec", "generators", 0, "clusters", "selector", "matchLabels", "environment"], "gpu"],
      /selector: \{"matchLabels":\{"environment":"gpu"\}\} selects none of local-cluster \(.*environment=gpu-enabled\): no Application is made/,
    ],
    [
      "a cluster Secret without its label",
      [secret, ["metadata", "labels", "environment"], undefined],
      /selects none of local-cluster/,
    ],
    [
      "a Secret that Argo CD takes for none of a cluster",
      [secret, ["metadata", "labels", "argocd.argoproj.io/secret-type"], "repository"],
      /local-cluster-secret\.yaml: metadata\.labels\["argocd\.argoproj\.io\/secret-type"\]: "repository" is not "cluster"/,
    ],
    [
      "a cluster without an address",
      [secret, ["stringData", "server"], "kubernetes"],
      /stringData\.server: "kubernetes" is no https address/,
    ],
    [
      "a project that there is not",
      [scheduler, ["spec", "template", "spec", "project"], "gpu"],
      /spec\.template\.spec\.project: "gpu" is not one of the projects gpu-scheduler, gpu-scheduler-complete/,
    ],
    [
      "a repository that the project has not",
      [scheduler, [...source, "repoURL"], "https://elsewhere/x.git"],
      /repoURL: "https:\/\/elsewhere\/x\.git" is not among sourceRepos/,
    ],
    [
      "a namespace that the project has not",
      [scheduler, ["spec", "template", "spec", "destination", "namespace"], "kube-system"],
      /destination: "kube-system at https:\/\/kubernetes\.default\.svc" is not among destinations/,
    ],
    [
      "a template that no generator fills",
      [scheduler, ["spec", "template", "metadata", "name"], "{{ .cluster }}"],
      /spec\.template: "local-cluster" names \.cluster, which no generator gives/,
    ],
    [
      "an index that stands twice",
      [check, [...checkMap, 1, "podIndex"], 0],
      /schedulingMap\[1\]\.podIndex: 0 stands in entry 0 already/,
    ],
    [
      "a GPU that two pods have",
      [check, [...checkMap, 1], { podIndex: 1, nodeName: "node1", gpuDevices: "1" }],
      /schedulingMap\[1\]\.gpuDevices: "1" has GPU 1 of node1, as entry 0 has/,
    ],
    ["a list of GPUs that is none", [check, [...checkMap, 1, "gpuDevices"], "two"], /gpuDevices: "two" is not a list/],
    ["a GPU twice in one entry", [check, [...checkMap, 1, "gpuDevices"], "2,2"], /gpuDevices: "2,2" names a GPU twice/],
    [
      "a node that there is not",
      [check, [...checkMap, 1, "nodeName"], "node9"],
      /nodeName: "node9" is neither a node nor the gpu-node-name of one; there are node1, node2, node3/,
    ],
  ];
  it.each(faults)("%s", async (_, change, line) => {
    expect(await lines(change, { nodes: ["node1", "node2", "node3"] })).toMatch(line);
  });

  it("but not a GPU that two pods share by name", async () => {
    const shared = { nodeName: "node1", gpuDevices: "1", share: "team" };
    expect(
      await lines([
        check,
        checkMap,
        [
          { podIndex: 0, ...shared },
          { podIndex: 1, ...shared },
        ],
      ]),
    ).toBe("");
  });
});

describe("whitelists", () => {
  const made = { "deploy/gpu-scheduler-chart": ["ConfigMap", "Service", "ServiceAccount"] };
  const group = (kind: string): object => ({ group: "", kind });
  const listed = (kinds: readonly string[]): Parameters<typeof shippedBut> => [
    project,
    ["spec", "namespaceResourceWhitelist"],
    kinds.map(group),
  ];

  it("name what charts make and the project forbids", async () => {
    const charts = chartsOf({ ...made, "deploy/gpu-scheduler-check-chart": ["Secret"] });
    expect(await lines(listed(made["deploy/gpu-scheduler-chart"]), { charts })).toMatch(
      /check-applicationset\.yaml: spec\.template\.spec\.source\.path: "deploy\/gpu-scheduler-check-chart" makes Secret, which is not in namespaceResourceWhitelist of the project gpu-scheduler/,
    );
  });

  it("name what the project allows and no chart makes, as a kind that does not exist", async () => {
    const change = listed(["ConfigMap", "MutatingAdmissionWebhook"]);
    expect(await lines(change, { charts: chartsOf({ "deploy/gpu-scheduler-chart": ["ConfigMap"] }) })).toMatch(
      /gpu-scheduler-project\.yaml: spec\.namespaceResourceWhitelist\[1\]: "MutatingAdmissionWebhook" is made by no chart/,
    );
  });

  it("name nothing of a chart that could not be rendered", async () => {
    const charts: Charts = { render: () => Promise.reject(new Error("values are wrong")) };
    const text = await lines([], { charts });
    expect(text).toMatch(/source\.path: "deploy\/gpu-scheduler-chart" cannot be rendered: values are wrong/);
    expect(text).not.toContain("is made by no chart");
  });
});

describe("pnpm argocd:validate", () => {
  const run = async (...args: readonly string[]): Promise<{ code: number | undefined; text: string }> => {
    const program = join(root, "scripts", "argocdValidate.ts");
    const { exitCode, all } = await execa("node", [program, ...args], {
      reject: false,
      all: true,
      env: { HELM: "/nowhere/helm" },
    });
    return { code: exitCode, text: all };
  };

  it("ends with 0 and says what it has not checked", async () => {
    const { code, text } = await run("--without-helm");
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/^6 objects, 0 findings, .* not checked: names of nodes .*, what charts make$/),
    ]);
  });

  it("ends with 1 where something is wrong, in each file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "argocd-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(shipped, folder, { recursive: true });
    const file = join(folder, complete);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll("environment: gpu-enabled", "environment: gpu"));
    await writeFile(join(folder, "broken.yaml"), "a: [");
    const { code, text } = await run("--without-helm", `--folder=${folder}`, "--nodes=node1,node2");
    expect(code).toBe(1);
    expect(text).toMatch(/broken\.yaml: document 0: .* is no YAML/);
    expect(text).toMatch(
      /complete-applicationset\.yaml: spec\.generators\[0\]\.clusters\.selector: .* selects none of local-cluster/,
    );
    expect(text).toMatch(/schedulingMap\[2\]\.nodeName: "node3" is neither a node/);
  });

  it("ends with 2 where it could not check", async () => {
    expect(await run()).toMatchObject({ code: 2, text: expect.stringContaining("helm is not on the PATH") as string });
  });
});
