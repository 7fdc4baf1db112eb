import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { build } from "../../scripts/manifests/load.ts";
import { type Workload, workloads } from "../../scripts/manifests/pods.ts";
import { openStage, type Stage } from "../harness/stage.ts";

const root = join(import.meta.dirname, "..", "..");
const deploy = join(root, "deploy");
const shipped: readonly Workload[] = workloads([
  ...(await build(join(deploy, "kustomize"), ["parts/batch"])),
  ...(await build(join(deploy, "batch"))),
  ...(await build(join(deploy, "carla"))),
  ...(await build(join(deploy, "ido"), ["mongodb"])),
]);

let stage: Stage;

/** Whether pods of the workload are let into a namespace of that level; what the API server says if not. */
async function admission(level: string, { name, labels, spec }: Workload): Promise<string> {
  const { cluster, programs, namespace } = stage;
  await cluster.kubectl("label", "namespace", namespace, `pod-security.kubernetes.io/enforce=${level}`, "--overwrite");
  const file = join(programs.folder, `pod-${name}.yaml`);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: { ...spec, serviceAccountName: "default" },
  };
  await writeFile(file, stringify(pod));
  const { kubeconfig } = cluster.target;
  const args = ["--kubeconfig", kubeconfig, "-n", namespace, "create", "--dry-run=server", "-f", file];
  const { exitCode, stderr } = await execa("kubectl", args, { reject: false });
  return exitCode === 0 ? "admitted" : stderr;
}

beforeAll(async () => {
  stage = await openStage("manifests");
  for (const folder of ["batch", "carla", "ido", "kustomize/overlays/mbcas"])
    await stage.cluster.kubectl("apply", "-f", join(deploy, folder, "namespace.yaml"));
});

afterAll(async () => {
  await stage.cluster.deleteNamespace("mbcas-system");
  await stage.close();
});

describe("the shipped manifests", () => {
  it.each([
    "kustomize",
    "kustomize/overlays/mbcas",
    "kustomize/overlays/agent-root",
    "kustomize/overlays/agent-delegated",
    "batch",
    "carla",
    "ido",
  ])("deploy/%s is accepted as a whole", async (folder) => {
    const applied = await stage.cluster.kubectl("apply", "--dry-run=server", "-k", join(deploy, folder));
    expect(applied).toContain("networkpolicy.networking.k8s.io/default-deny");
  });

  it.each([
    "kustomize/parts/batch",
    "kustomize/parts/carla",
    "kustomize/parts/dashboard",
    "kustomize/parts/eviction",
    "kustomize/parts/gpu",
    "kustomize/parts/intents",
    "kustomize/parts/sizing",
    "kustomize/security/root",
    "kustomize/security/delegated",
    "batch/eviction",
    "ido/mongodb",
  ])("deploy/%s is a component that its base takes", async (component) => {
    const [base = "", ...rest] = component.split("/");
    const own = await stage.cluster.kubectl("kustomize", join(deploy, base));
    const kustomization = join(stage.programs.folder, "kustomization.yaml");
    const from = (path: string): string => relative(stage.programs.folder, join(deploy, path));
    await writeFile(kustomization, stringify({ resources: [from(base)], components: [from(join(base, ...rest))] }));
    const both = await stage.cluster.kubectl("kustomize", stage.programs.folder);
    expect(both).not.toBe(own);
    expect(both).toContain("kind: Deployment");
  });

  it("deploy/kustomize is accepted with the components of all parts together", async () => {
    const { cluster, programs } = stage;
    const base = relative(programs.folder, join(deploy, "kustomize"));
    const components = ["carla", "batch", "gpu", "intents"].map((part) => join(base, "parts", part));
    await writeFile(join(programs.folder, "kustomization.yaml"), stringify({ resources: [base], components }));
    const applied = await cluster.kubectl("apply", "--dry-run=server", "-k", programs.folder);
    expect(applied).toContain("configmap/walras-carla created");
    expect(applied).toContain("deployment.apps/walras-controller");
  });

  it.each(shipped.filter(({ name }) => name !== "walras-agent"))("$name passes as restricted", async (workload) => {
    expect(await admission("restricted", workload)).toBe("admitted");
  });

  it("the agent is refused by everything stricter than privileged, for its two paths of the host alone", async () => {
    const agent = shipped.find(({ name }) => name === "walras-agent");
    if (agent === undefined) throw new Error("there is no agent");
    expect(await admission("privileged", agent)).toBe("admitted");
    expect(await admission("baseline", agent)).toMatch(
      /violates PodSecurity "baseline:latest": hostPath volumes \(volumes "cgroup", "proc"\)/,
    );
  });
});
