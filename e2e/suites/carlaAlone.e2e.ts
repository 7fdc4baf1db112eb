import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { parseDocument } from "yaml";

import { application, argoUrl, carlaToken, createApplication, createProject, GitRepository } from "../harness/argo.ts";
import { controllerImage } from "../harness/images.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const root = join(import.meta.dirname, "..", "..");
const name = "alone";
const project = "walras-alone";

let stage: Stage;
let repository: GitRepository;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("alone");
  const { cluster, namespace: into } = stage;
  await cluster.target.controlPlane?.startArgo();
  await cluster.kubectl("apply", "-f", join(root, "deploy", "carla", "namespace.yaml"));
  await cluster.kubectl("-n", "carla", "apply", "-f", join(root, "deploy", "carla", "rbac.yaml"));
  await createProject(cluster, project);
  repository = await GitRepository.create();
  await repository.commit({ "alone/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alone}\n" });
  await createApplication(cluster, { namespace: "argocd", name, project, url: repository.url, paths: ["alone"], into });
  await application(cluster, ["argocd", name], "OutOfSync");
});

afterAll(async () => {
  if (!stage) return;
  await stage.cluster.kubectl("-n", "argocd", "delete", "application", name, "--ignore-not-found");
  await stage.cluster.kubectl("-n", "argocd", "delete", "appproject", project, "--ignore-not-found");
  await stage.cluster.target.controlPlane?.stopArgo("all");
  await repository?.remove();
  await stage.close();
});

/** Deploys the shipped manifests: only image, place and network differ, since Argo CD listens on this machine alone. */
async function deployPod(config: Readonly<Record<string, string>>): Promise<void> {
  const { cluster, programs } = stage;
  const image = "docker.io/walras/controller:e2e";
  await cluster.target.controlPlane?.loadImage("node1", await controllerImage(image));
  for (const [file, text] of Object.entries(config)) await writeFile(join(programs.folder, file), text);
  const from = (...files: string[]): string[] =>
    files.map((file) => `--from-file=${file}=${join(programs.folder, file)}`);
  await cluster.kubectl("-n", "carla", "create", "secret", "generic", "carla-argocd-token", ...from("token"));
  await cluster.kubectl(
    "-n",
    "carla",
    "create",
    "configmap",
    "carla-scheduler-config",
    ...from("carla_policy.yaml", "apps.yaml"),
  );
  const document = parseDocument(
    (await readFile(join(root, "deploy", "carla", "scheduler.yaml"), "utf8")).split("---")[1] ?? "",
  );
  document.setIn(["spec", "template", "spec", "hostNetwork"], true);
  document.setIn(["spec", "template", "spec", "nodeSelector"], { "kubernetes.io/hostname": "node1" });
  document.setIn(["spec", "template", "spec", "containers", 0, "image"], image);
  document.setIn(["spec", "template", "spec", "containers", 0, "imagePullPolicy"], "Never");
  const manifest = join(programs.folder, "scheduler.yaml");
  await writeFile(manifest, document.toString());
  await cluster.kubectl("-n", "carla", "apply", "-f", manifest);
}

describe.skipIf(!inject("local"))("CARLA by itself, as a drop-in", () => {
  it("runs as a pod from its manifests, with its service account and its secret, and becomes ready", async () => {
    const kubectl = (...args: string[]): Promise<string> => stage.cluster.kubectl("-n", "carla", ...args);
    await deployPod({
      token: await carlaToken(),
      "carla_policy.yaml": `argo: {base_url: "${argoUrl}", token_file: /var/run/secrets/argocd/token}\n`,
      "apps.yaml": `apps: [{name: ${name}}]\n`,
    });
    await kubectl("rollout", "status", "deployment/carla-scheduler", "--timeout=90s");
    const log = await eventually(
      "its log",
      () => kubectl("logs", "deployment/carla-scheduler"),
      (text) => text.includes("decision"),
      60_000,
    );
    expect(log).toMatch(/^\[INFO\] CARLA scheduler started \(tick=30s, Rmax=6\.00\)$/m);
    expect(log).toContain('skipped_apps={"alone":"unknown_headroom"}');
    expect(log).not.toContain("WARN");
    await kubectl("delete", "deployment,secret,configmap", "--all");
  });

  it("reads the prototype's variables, greets as it did, and releases nothing while load is unknown", async () => {
    const { programs, cluster } = stage;
    const kubeconfig = await programs.writeKubeconfig("carla.kubeconfig", "carla", "carla-scheduler");
    const policy = join(programs.folder, "drop-in.yaml");
    const data = join(programs.folder, "drop-in");
    const logging = `logging: {decisions_csv: ${data}/decisions.csv, rollouts_csv: ${data}/rollouts.csv}`;
    const windows = 'windows: {allow: [{day: DAILY, start: "00:00", end: "00:00"}]}';
    await writeFile(
      policy,
      `tick: {seconds: 1}\nargo: {base_url: "${argoUrl}", token_env: ARGO_TOKEN}\n${windows}\n${logging}\n`,
    );
    await writeFile(join(programs.folder, "drop-in-apps.yaml"), `apps: [{name: ${name}}]\n`);
    const program = await programs.start(
      "carla",
      "packages/controller/src/main.ts",
      ["--parts=carla", `--kubeconfig=${kubeconfig}`, "--namespace=carla", "--ops-host=127.0.0.1", "--ops-port=0"],
      { CARLA_POLICY: policy, CARLA_APPS: join(programs.folder, "drop-in-apps.yaml"), ARGO_TOKEN: await carlaToken() },
    );
    const log = await eventually(
      "a decision",
      () => program.log(),
      (text) => text.includes("unknown_headroom"),
      30_000,
    );
    expect(log).toMatch(/^\[INFO\] CARLA scheduler started \(tick=1s, Rmax=6\.00\)$/m);
    expect(log).not.toContain("release started");
    const rows = await eventually(
      "rows",
      () => readFile(`${data}/decisions.csv`, "utf8").catch(() => ""),
      (text) => text.split("\n").length > 3,
    );
    expect(rows.split("\n")[2]).toMatch(/^\d+,CARLA-knapsack,1,,,alone,unknown_headroom$/);
    await program.kill("SIGTERM");
    const lease = await cluster.kubectl("-n", "carla", "get", "lease", "carla-scheduler", "-o", "name");
    expect(lease.trim()).toBe("lease.coordination.k8s.io/carla-scheduler");
  });
});
