import { application, argoUrl, createApplication, createProject, GitRepository } from "../../harness/argo.ts";
import type { Cluster } from "../../harness/cluster.ts";

/** A namespace that Argo CD takes Applications from beside its own. */
const elsewhere = "clinic-imaging";
const project = "walras-e2e";
/** In Bucharest: a Monday noon, a Tuesday night, the Sunday night after. */
export const noon = "2026-03-23T10:00:00Z";
export const night = "2026-03-24T20:00:00Z";
export const sunday = "2026-03-28T23:00:00Z";

export const appsFile = {
  apps: [
    { name: "db", r_i: 1, d_i: 1, risk: 0 },
    { name: "web", r_i: 1, d_i: 0, risk: 0, dependsOn: ["db"] },
    { name: "small", r_i: 0.5, d_i: 3, risk: 0 },
    { name: "steady", r_i: 2, d_i: 2, risk: 0 },
    { name: "multi", r_i: 1, d_i: 2, risk: 1 },
    { name: "imaging", r_i: 1, d_i: 0, risk: 0, namespace: elsewhere, clinic: "radiology" },
    { name: "risky", r_i: 1, d_i: 0, risk: 2 },
    { name: "broken", r_i: 1, d_i: 2, risk: 0 },
    { name: "sick", r_i: 1, d_i: 2, risk: 1 },
  ],
};
export const names = appsFile.apps.map(({ name }) => name);

/** What carla_policy.yaml says. */
export function policyFile(tokenFile: string): object {
  return {
    thresholds: { cpu_watermark: 1, ram_watermark: 1, min_headroom: 0 },
    windows: {
      timezone: "Europe/Bucharest",
      allow: [{ day: "WEEKDAY", start: "20:00", end: "07:00" }],
      clinics: { radiology: { allow: [{ day: "SUN", start: "00:00", end: "06:00" }] } },
    },
    // Everything here is new: what a first installation adds to the risk is no matter of this test.
    risk: { large_diff: 0, sensitive_kind: 0, failure: 0 },
    rollout: { timeout_seconds: 90, healthy_hold_seconds: 1, degraded_grace_seconds: 3, backoff_first_seconds: 3600 },
    tick: { seconds: 1, max_parallel_triggers: 2 },
    argo: { base_url: argoUrl, token_file: tokenFile, app_namespace: "argocd" },
  };
}

export function configMap(name: string, version: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {version: "${version}"}\n`;
}

/** @param extra lines of its spec */
export function deployment(name: string, image: string, extra: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  ${extra}
  template:
    metadata: {labels: {app: ${name}}, annotations: {version: "1"}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: "${image}", imagePullPolicy: Never, args: ["0.01"]}]
`;
}

/** The first commit: files by path. @param image of pods that get ready */
function manifests(image: string): Record<string, string> {
  const files: Record<string, string> = {
    "steady/deployment.yaml": deployment("steady", image, "minReadySeconds: 5"),
    "sick/deployment.yaml": deployment("sick", "docker.io/local/nowhere:1", "progressDeadlineSeconds: 2"),
    "broken/thing.yaml": "apiVersion: v1\nkind: ConfigMapp\nmetadata: {name: broken}\n",
    "multi-extra/cm.yaml": configMap("multi-extra", "1"),
  };
  for (const name of ["db", "web", "small", "multi", "imaging", "risky"])
    files[`${name}/cm.yaml`] = configMap(name, "1");
  return files;
}

export function namespaceOf(name: string): string {
  return name === "imaging" ? elsewhere : "argocd";
}

/** Creates all Applications and waits until Argo CD has compared each. @param into namespace of what they deploy */
export async function installClinic(cluster: Cluster, into: string): Promise<GitRepository> {
  await cluster.createNamespace(elsewhere);
  await createProject(cluster, project);
  const repository = await GitRepository.create();
  await repository.commit(manifests(cluster.target.loadImage));
  for (const name of names) {
    const paths = name === "multi" ? ["multi", "multi-extra"] : [name];
    const from = { project, url: repository.url, paths, into };
    await createApplication(cluster, { namespace: namespaceOf(name), name, ...from });
  }
  for (const name of names) await application(cluster, [namespaceOf(name), name], "OutOfSync");
  return repository;
}

export async function removeClinic(cluster: Cluster): Promise<void> {
  for (const name of names) {
    await cluster.kubectl("-n", namespaceOf(name), "delete", "application", name, "--ignore-not-found");
  }
  await cluster.kubectl("-n", "argocd", "delete", "appproject", project, "--ignore-not-found");
  await cluster.deleteNamespace(elsewhere);
}
