import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseCpu } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";

import { valueSets } from "../../scripts/chart/valueSets.ts";
import { enforced } from "../harness/marketBed.ts";
import { serveForeignKinds } from "../harness/foreignKinds.ts";
import { Helm } from "../harness/helm.ts";
import { agentImage, controllerImage } from "../harness/images.ts";
import { joinLoad } from "../harness/load.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const chart = join(import.meta.dirname, "..", "..", "deploy", "helm", "walras");
const repositories = { controller: "docker.io/walras/controller", agent: "docker.io/walras/agent" } as const;
const tag = "chart";
const node = "node1";
const pod = "cart";

let stage: Stage;
let helm: Helm;
/** Where the release is. */
let home: string;
let removeForeignKinds: () => Promise<void>;

/** What an installation here has for itself. */
const here = {
  image: { pullPolicy: "Never" },
  controller: { image: { repository: repositories.controller, tag } },
  agent: { image: { repository: repositories.agent, tag } },
};

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("helm");
  home = `${stage.namespace}-system`;
  helm = new Helm(stage.cluster, home);
  await stage.cluster.createNamespace(home, { "pod-security.kubernetes.io/enforce": "privileged" });
  removeForeignKinds = await serveForeignKinds(stage);
  await loadImages();
}, 300_000);

afterAll(async () => {
  if (!stage) return;
  await helm.run("uninstall", "walras", "--ignore-not-found", "--wait", "--timeout=120s");
  await removeForeignKinds?.();
  await stage.cluster.deleteNamespace(home);
  await stage.close();
}, 300_000);

async function loadImages(): Promise<void> {
  const plane = stage.cluster.target.controlPlane;
  await plane?.loadImage(node, await controllerImage(`${repositories.controller}:${tag}`));
  await plane?.loadImage(node, await agentImage(`${repositories.agent}:${tag}`));
}

/** Installs or upgrades. Other suites have left roles and kinds that are nobody's. */
async function apply(from: string, values: object): Promise<void> {
  const file = join(stage.programs.folder, "values.yaml");
  await writeFile(file, stringify(values));
  const taking = ["--take-ownership", "--force-conflicts"];
  const waiting = ["--wait", "--timeout=150s"];
  const given = ["--reset-then-reuse-values", "--values", file];
  await helm.run("upgrade", "--install", "walras", from, ...given, ...taking, ...waiting);
}

/** The chart of the release before: another version, with another column of PodAllocations. */
async function previousChart(): Promise<string> {
  const folder = join(stage.programs.folder, "previous");
  await cp(chart, folder, { recursive: true });
  const change = async (file: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(folder, file), "utf8");
    expect(text).toContain(from);
    await writeFile(join(folder, file), text.replace(from, to));
  };
  const { version } = parse(await readFile(join(chart, "Chart.yaml"), "utf8")) as { readonly version: string };
  await change("Chart.yaml", `version: ${version}`, "version: 0.0.1");
  const shown = "additionalPrinterColumns:\n";
  const old = "        - name: Former\n          type: string\n          jsonPath: .spec.former\n";
  await change("files/crds/podallocations.yaml", shown, shown + old);
  return folder;
}

function columns(): Promise<string> {
  const path = "jsonpath={.spec.versions[*].additionalPrinterColumns[*].name}";
  return stage.cluster.kubectl("get", "crd", "podallocations.allocation.mbcas.io", "-o", path);
}

/** What must outlive an upgrade. */
async function kept(): Promise<{ readonly allocation: string | undefined; readonly container: string | undefined }> {
  const { cluster, namespace } = stage;
  const live = await cluster.pod(namespace, pod);
  expect(live.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  const allocation = await cluster.allocation(namespace, pod);
  return { allocation: allocation?.metadata.uid, container: live.status?.containerStatuses?.[0]?.containerID };
}

async function ready(kind: "deployment" | "daemonset"): Promise<string> {
  const name = kind === "deployment" ? "walras-controller" : "walras-agent";
  const path = kind === "deployment" ? "{.status.readyReplicas}" : "{.status.numberReady}";
  return stage.cluster.kubectl("-n", home, "get", kind, name, "-o", `jsonpath=${path}`);
}

describe.skipIf(!inject("local"))("what the chart makes", () => {
  it.each(Object.entries(valueSets))("is accepted by the API server: %s", async (name, values) => {
    const { cluster, programs } = stage;
    const [given, rendered] = ["set", "rendered"].map((what) => join(programs.folder, `${what}.yaml`)) as [
      string,
      string,
    ];
    await writeFile(given, stringify(values));
    const text = await helm.run("template", "walras", chart, "--values", given);
    await writeFile(rendered, text);
    const objects = parseAllDocuments(text).filter((document) => document.toJS() !== null);
    const flags = ["--server-side", "--dry-run=server", "--force-conflicts", "--field-manager=walras-e2e"];
    const applied = await cluster.kubectl("-n", home, "apply", ...flags, "-f", rendered);
    const lines = applied.split("\n").filter((line) => line.endsWith("(server dry run)"));
    expect(lines, name).toHaveLength(objects.length);
    expect(lines.length).toBeGreaterThan(12);
  });
});

describe.skipIf(!inject("local"))("a release of the chart", () => {
  let before: Awaited<ReturnType<typeof kept>>;

  it("is installed from the version before, its two controllers and its agent ready, and recommends", async () => {
    const { cluster, namespace } = stage;
    await apply(await previousChart(), here);
    expect([await ready("deployment"), await ready("daemonset")]).toEqual(["2", "1"]);
    expect(await columns()).toContain("Former");
    await joinLoad(cluster, { namespace, name: pod, node, cores: 0.4, request: "50m", limit: "100m" });
    await eventually(
      "a recommendation",
      () => cluster.allocation(namespace, pod),
      (allocation) => (allocation?.status?.message ?? "") !== "" && allocation?.status?.phase !== undefined,
      60_000,
    );
    expect(enforced(await cluster.pod(namespace, pod))).toEqual({ request: 50, limit: 100 });
    before = await kept();
    expect(before.allocation).toBeDefined();
  });

  it("is examined by the doctor in the cluster, with the controller's own rights", async () => {
    await helm.run("test", "walras", "--timeout=120s");
    const told = await stage.cluster.kubectl("-n", home, "logs", "job/walras-doctor");
    expect(told).toMatch(/^ok +Kubernetes version/m);
    expect(told).toMatch(/^ok +rights to pods\/resize +patch$/m);
    expect(told).not.toMatch(/^fail/m);
  });

  it("goes from recommending to acting, and its agents to root, by an upgrade that keeps kinds up to date and every allocation", async () => {
    const { cluster, namespace } = stage;
    await apply(chart, { market: { mode: "full" }, agent: { security: { mode: "root" } } });
    expect([await ready("deployment"), await ready("daemonset")]).toEqual(["2", "1"]);
    expect(await columns()).not.toContain("Former");
    const user = "jsonpath={.items[*].spec.securityContext.runAsUser}";
    const agents = ["get", "pods", "-l", "app.kubernetes.io/name=walras-agent", "-o", user];
    await eventually(
      "the agent as root alone",
      () => cluster.kubectl("-n", home, ...agents),
      (users) => users === "0",
      60_000,
    );
    await eventually(
      "a higher limit",
      () => cluster.pod(namespace, pod),
      (live) => enforced(live).limit > 150,
      60_000,
    );
    expect(await kept()).toEqual(before);
  });

  it("is rolled back with every allocation", async () => {
    await helm.run("rollback", "walras", "1", "--force-conflicts", "--wait", "--timeout=150s");
    expect(await columns()).toContain("Former");
    expect(await kept()).toEqual(before);
    await apply(chart, { market: { mode: "full" } });
  });

  it("gives back what it changed, and goes with all that it brought but the kinds", async () => {
    const { cluster, namespace } = stage;
    await apply(chart, { market: { mode: "off" } });
    await eventually(
      "what was declared",
      async () => ({
        allocation: await cluster.allocation(namespace, pod),
        ...enforced(await cluster.pod(namespace, pod)),
      }),
      ({ allocation, request, limit }) => allocation === null && request === 50 && limit === 100,
      60_000,
    );
    const { metadata, spec } = await cluster.pod(namespace, pod);
    expect(parseCpu(spec.containers[0]?.resources?.requests?.cpu ?? "", "request")).toBe(50);
    await helm.run("uninstall", "walras", "--wait", "--timeout=120s");
    // What helm's test has made stays for an hour.
    const ours = ["-l", "app.kubernetes.io/instance=walras,app.kubernetes.io/name!=walras-doctor", "-o", "name"];
    expect(await cluster.kubectl("get", "clusterroles,clusterrolebindings", ...ours)).toBe("");
    await eventually(
      "everything in the namespace to go",
      () =>
        cluster.kubectl("-n", home, "get", "deployments,daemonsets,services,pods,roles,networkpolicies,pdb", ...ours),
      (left) => left === "",
      60_000,
    );
    expect(await cluster.kubectl("get", "crd", "podallocations.allocation.mbcas.io", "-o", "name")).not.toBe("");
    const after = await cluster.pod(namespace, pod);
    expect([after.metadata.uid, after.status?.containerStatuses?.[0]?.restartCount]).toEqual([metadata.uid, 0]);
  });
});
