import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { parseDocument, stringify } from "yaml";

import {
  application,
  argoUrl,
  carlaToken,
  compare,
  createApplication,
  createProject,
  GitRepository,
  liveApplication,
  type LiveApplication,
} from "../harness/argo.ts";
import { installCarla, startCarla } from "../harness/carla.ts";
import { controllerImage } from "../harness/images.ts";
import type { Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";
import { configMap } from "./carla/clinic.ts";

const root = join(import.meta.dirname, "..", "..");
const name = "alone";
const project = "walras-alone";
const image = { repository: "docker.io/walras/controller", tag: "e2e" };
const imageName = `${image.repository}:${image.tag}`;

let stage: Stage;
let repository: GitRepository;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("alone");
  const { cluster, namespace: into } = stage;
  await cluster.target.controlPlane?.startArgo();
  await cluster.target.controlPlane?.loadImage("node1", await controllerImage(imageName));
  await installCarla(cluster);
  // The host's network, where Argo CD is here, is what the namespace refuses elsewhere.
  await cluster.kubectl("label", "namespace", "carla", "pod-security.kubernetes.io/enforce=privileged", "--overwrite");
  await createProject(cluster, project);
  repository = await GitRepository.create();
  await repository.commit({ "alone/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alone}\n" });
  await createApplication(cluster, { namespace: "argocd", name, project, url: repository.url, paths: ["alone"], into });
  await application(cluster, ["argocd", name], "OutOfSync");
});

// What a test that failed has left is not to fail the next one too.
afterEach(async () => {
  await stage?.cluster.kubectl("-n", "carla", "delete", "deployment,secret,configmap", "--all");
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
  document.setIn(["spec", "template", "spec", "containers", 0, "image"], imageName);
  document.setIn(["spec", "template", "spec", "containers", 0, "imagePullPolicy"], "Never");
  const manifest = join(programs.folder, "scheduler.yaml");
  await writeFile(manifest, document.toString());
  await cluster.kubectl("-n", "carla", "apply", "-f", manifest);
}

/** Deploys the chart by its Application, as the prototype's document tells: only the places differ, and what is here alone. */
async function deployByArgo(): Promise<void> {
  const { cluster, programs } = stage;
  await repository.take("deploy/helm");
  const values = {
    argo: { baseUrl: argoUrl },
    apps: [{ name }],
    image: { ...image, pullPolicy: "Never" },
    nodeSelector: { "kubernetes.io/hostname": "node1" },
    // Argo CD listens on this machine alone.
    hostNetwork: true,
  };
  await repository.commit({
    "deploy/helm/values/clusters/in-cluster/Resources/carla-scheduler.yaml": stringify(values),
  });
  const manifest = join("deploy", "argo-apps", "applications", "carla", "carla-scheduler.yaml");
  const document = parseDocument(await readFile(join(root, manifest), "utf8"));
  document.setIn(["spec", "source", "repoURL"], repository.url);
  document.setIn(["spec", "project"], project);
  await writeFile(join(programs.folder, "carla-scheduler.yaml"), document.toString());
  await cluster.kubectl("apply", "-f", join(programs.folder, "carla-scheduler.yaml"));
}

/** CARLA on this machine, with the rights of its service account; always within a window. */
async function startProgram(
  run: string,
  settings = "",
  others: readonly string[] = [],
): Promise<{ readonly program: Program; readonly data: string }> {
  const { programs } = stage;
  const policy = join(programs.folder, `${run}.yaml`);
  const apps = join(programs.folder, `${run}-apps.yaml`);
  const data = join(programs.folder, run);
  const logging = `logging: {decisions_csv: ${data}/decisions.csv, rollouts_csv: ${data}/rollouts.csv}`;
  const windows = 'windows: {allow: [{day: DAILY, start: "00:00", end: "00:00"}]}';
  const argo = `argo: {base_url: "${argoUrl}", token_env: ARGO_TOKEN}`;
  await writeFile(policy, `tick: {seconds: 1}\n${argo}\n${windows}\n${logging}\n${settings}`);
  await writeFile(apps, stringify({ apps: [name, ...others].map((one) => ({ name: one })) }));
  return { program: await startCarla(programs, run, { policy, apps }), data };
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
    // The first decision may come before Argo CD has told of the Application.
    const log = await eventually(
      "its decision",
      () => kubectl("logs", "deployment/carla-scheduler"),
      (text) => text.includes('skipped_apps={"alone":"unknown_headroom"}'),
      60_000,
    );
    expect(log).toMatch(/^\[INFO\] CARLA scheduler started \(tick=30s, Rmax=6\.00\)$/m);
    expect(log.split("\n").filter((line) => line.startsWith("[WARN]"))).toEqual([
      expect.stringMatching(
        /^\[WARN\] how full the cluster is, is not known: nothing is released why=metrics\.k8s\.io: /,
      ),
    ]);
  });

  it("comes up by its Argo CD Application, from the chart and the values of the prototype's document", async () => {
    const { cluster, programs } = stage;
    const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", "carla", ...args);
    await kubectl("delete", "lease", "carla-scheduler", "--ignore-not-found");
    await writeFile(join(programs.folder, "token"), await carlaToken());
    const token = `--from-file=token=${join(programs.folder, "token")}`;
    await kubectl("create", "secret", "generic", "carla-argocd-token", token);
    await deployByArgo();
    await application(cluster, ["argocd", "carla-scheduler"], "Synced");
    await kubectl("rollout", "status", "deployment/carla-scheduler", "--timeout=90s");
    expect(await kubectl("get", "pods")).toMatch(/^carla-scheduler-\S+\s+1\/1\s+Running/m);
    const log = await kubectl("logs", "deploy/carla-scheduler");
    expect(log.split("\n")[0]).toBe("[INFO] CARLA scheduler started (tick=30s, Rmax=6.00)");
    await cluster.kubectl("-n", "argocd", "delete", "application", "carla-scheduler", "--timeout=60s");
    // Argo CD has taken them with the rest.
    await installCarla(cluster);
  });

  it("reads the prototype's variables, greets as it did, and releases nothing while load is unknown", async () => {
    // The pod before has left one.
    await stage.cluster.kubectl("-n", "carla", "delete", "lease", "carla-scheduler", "--ignore-not-found");
    const { program, data } = await startProgram("drop-in");
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
    const lease = await stage.cluster.kubectl("-n", "carla", "get", "lease", "carla-scheduler", "-o", "name");
    expect(lease.trim()).toBe("lease.coordination.k8s.io/carla-scheduler");
  });

  it("reads load from metrics.k8s.io, and tells again that it is unknown when that has gone", async () => {
    const plane = stage.cluster.target.controlPlane;
    const { program } = await startProgram("metrics", "thresholds: {min_headroom: 1}\n");
    const timesTold = (reason: string): Promise<number> => stage.cluster.timesTold("argocd", name, reason);
    const held = (reason: string, times: number): Promise<unknown> =>
      eventually(
        `${reason}, ${times} times`,
        () => timesTold(reason),
        (told) => told >= times,
        150_000,
      );
    const before = await timesTold("HeldUnknownHeadroom");
    await held("HeldUnknownHeadroom", before + 1);
    try {
      await plane?.startMetrics();
      await held("HeldLowHeadroom", 1);
    } finally {
      await plane?.stopMetrics();
    }
    await held("HeldUnknownHeadroom", before + 2);
    await program.kill("SIGTERM");
  }, 300_000);

  it("is frozen by a command and goes on after it; knows what is not there, and what only pruning would bring in sync", async () => {
    const { cluster } = stage;
    const walras = (command: string): Promise<string> => cluster.walras("carla", command, "--namespace=carla");
    const commit = async (files: Readonly<Record<string, string | null>>): Promise<void> => {
      await repository.commit(files);
      await compare(cluster, "argocd", name);
    };
    const started = async (): Promise<string | undefined> =>
      (await liveApplication(cluster, "argocd", name)).status?.operationState?.startedAt;
    const settings =
      "headroom: assume\nrollout: {healthy_hold_seconds: 1, degraded_grace_seconds: 2, rollback: true}\nrisk: {large_diff: 0}\n";
    await walras("freeze");
    const { program, data } = await startProgram("frozen", settings, ["ghost"]);
    const held = (reason: string): Promise<unknown> =>
      eventually(
        reason,
        () => program.log(),
        (log) => log.slice(log.lastIndexOf("skipped_apps")).includes(`"${name}":"${reason}"`),
        60_000,
      );
    await held("frozen");
    expect(await program.log()).toContain('"ghost":"no_such_application"');
    expect(await started()).toBeUndefined();
    await walras("unfreeze");
    await application(cluster, ["argocd", name], "Synced", "Healthy");

    const extra = configMap("extra", "1");
    await commit({ "alone/extra.yaml": extra });
    await eventually("the second release", () => liveApplication(cluster, "argocd", name), isSettledAfter(1), 60_000);
    await walras("freeze");
    const before = await started();
    await commit({ "alone/cm.yaml": configMap(name, "2"), "alone/extra.yaml": null });
    await held("frozen");
    await pause(4_000);
    expect(await started()).toBe(before);
    await walras("unfreeze");
    await held("requires_pruning");
    const journal = await readFile(join(data, "releases.jsonl"), "utf8");
    expect(journal).not.toMatch(/"failed"|"condemned"/);
    expect((await liveApplication(cluster, "argocd", name)).status?.history).toHaveLength(3);
    await program.kill("SIGTERM");
  }, 300_000);
});

/** In sync and healthy, with more releases than those. */
function isSettledAfter(releases: number): (live: LiveApplication) => boolean {
  return ({ status }) =>
    (status?.history ?? []).length > releases &&
    status?.sync?.status === "Synced" &&
    status.health?.status === "Healthy";
}
