import { readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

import { stringify } from "yaml";

import { doubleInPods } from "../gpuDouble.ts";

const deploy = join(import.meta.dirname, "..", "..", "..", "deploy", "kustomize");

export const images = { controller: "docker.io/walras/controller:e2e", agent: "docker.io/walras/agent:e2e" } as const;

export interface OverlayOptions {
  /** Where it is written; the files of the planner of intents are there. */
  readonly folder: string;
  readonly argo: { readonly url: string; readonly authority: string; readonly token: string };
}

const policy = (url: string): object => ({
  headroom: "assume",
  windows: { timezone: "UTC", allow: [{ day: "DAILY", start: "00:00", end: "00:00" }] },
  risk: { large_diff: 0, sensitive_kind: 0, failure: 0 },
  rollout: { timeout_seconds: 90, healthy_hold_seconds: 1, degraded_grace_seconds: 3 },
  tick: { seconds: 2 },
  argo: { base_url: url, token_file: "/var/run/secrets/argocd/token", ca_file: "/app/configs/argocd-ca.pem" },
});

/** Volumes of the controller by what they hold, and where they are. */
const mounts = [
  { name: "carla", mountPath: "/app/configs", configMap: { name: "walras-carla" } },
  { name: "argocd", mountPath: "/var/run/secrets/argocd", secret: { secretName: "carla-argocd-token" } },
  { name: "intents", mountPath: "/config", configMap: { name: "walras-intents" } },
  { name: "actuators", mountPath: "/actuators", configMap: { name: "walras-actuators" } },
  { name: "data", mountPath: "/data", emptyDir: {} },
];

const add = (path: string, value: unknown): object => ({ op: "add", path, value });
const template = "/spec/template/spec";
const container = `${template}/containers/0`;

/** The shipped manifests with all five parts, as whoever installs them writes it down. */
const controllerPatch: readonly object[] = [
  ...["--mode=full", "--parts=market,carla,batch,gpu,intents"].map((flag) => add(`${container}/args/-`, flag)),
  add(
    `${container}/volumeMounts`,
    mounts.map(({ name, mountPath }) => ({ name, mountPath, ...(name !== "data" && { readOnly: true }) })),
  ),
  add(
    `${template}/volumes`,
    mounts.map(({ mountPath: _, ...volume }) => volume),
  ),
];

/** A double stands for nvidia-smi; it is a Node.js beside the agent. */
const agentPatch: readonly object[] = [
  add(`${container}/args/-`, `--nvidia-smi=${doubleInPods.program}`),
  ...doubleInPods.env.map((variable) => add(`${container}/env/-`, variable)),
  ...doubleInPods.volumeMounts.map((mount) => add(`${container}/volumeMounts/-`, mount)),
  ...doubleInPods.volumes.map((volume) => add(`${template}/volumes/-`, volume)),
  { op: "remove", path: `${container}/resources/limits` },
];

/** Writes a kustomization with all that is this cluster's own. @param application what CARLA may release */
export async function writeOverlay({ folder, argo }: OverlayOptions, application: string): Promise<void> {
  const files: Readonly<Record<string, string>> = {
    "carla_policy.yaml": stringify(policy(argo.url)),
    "apps.yaml": stringify({ apps: [{ name: application, r_i: 1, d_i: 1, risk: 0 }] }),
    "argocd-ca.pem": argo.authority,
    token: argo.token,
    "kustomization.yaml": stringify(await kustomization(folder)),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

async function kustomization(folder: string): Promise<object> {
  const base = relative(folder, deploy);
  const actuators = (await readdir(join(folder, "actuators"))).map((file) => `actuators/${file}`);
  return {
    namespace: "walras-system",
    resources: [base],
    components: ["batch", "gpu", "intents"].map((part) => join(base, "parts", part)),
    images: Object.entries(images).map(([program, image]) => {
      const [newName, newTag] = image.split(":");
      return { name: `walras-${program}`, newName, newTag };
    }),
    generatorOptions: { disableNameSuffixHash: true },
    configMapGenerator: [
      { name: "walras-carla", files: ["carla_policy.yaml", "apps.yaml", "argocd-ca.pem"] },
      { name: "walras-intents", files: ["defaults.json"] },
      { name: "walras-actuators", files: actuators },
    ],
    secretGenerator: [{ name: "carla-argocd-token", files: ["token"] }],
    patches: [
      { target: { kind: "Deployment", name: "walras-controller" }, patch: stringify(controllerPatch) },
      { target: { kind: "DaemonSet", name: "walras-agent" }, patch: stringify(agentPatch) },
    ],
  };
}
