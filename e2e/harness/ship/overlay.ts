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

const add = (path: string, value: unknown): object => ({ op: "add", path, value });
const template = "/spec/template/spec";
const container = `${template}/containers/0`;

/** What of its own ConfigMap CARLA is to read. */
function carlaPatch(files: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(files).map(([name, text]) => add(`/data/${name}`, text));
}

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
  const carla = {
    "carla_policy.yaml": stringify(policy(argo.url)),
    "apps.yaml": stringify({ apps: [{ name: application, r_i: 1, d_i: 1, risk: 0 }] }),
    "argocd-ca.pem": argo.authority,
  };
  await writeFile(join(folder, "token"), argo.token);
  await writeFile(join(folder, "kustomization.yaml"), stringify(await kustomization(folder, carla)));
}

async function kustomization(folder: string, carla: Readonly<Record<string, string>>): Promise<object> {
  const base = relative(folder, deploy);
  const actuators = (await readdir(join(folder, "actuators"))).map((file) => `actuators/${file}`);
  return {
    namespace: "walras-system",
    resources: [base],
    components: ["carla", "batch", "gpu", "intents"].map((part) => join(base, "parts", part)),
    images: Object.entries(images).map(([program, image]) => {
      const [newName, newTag] = image.split(":");
      return { name: `walras-${program}`, newName, newTag };
    }),
    generatorOptions: { disableNameSuffixHash: true },
    configMapGenerator: [
      { name: "walras-intents", files: ["defaults.json"] },
      { name: "walras-intents-actuators", files: actuators },
    ],
    secretGenerator: [{ name: "carla-argocd-token", files: ["token"] }],
    patches: [
      { target: { kind: "ConfigMap", name: "walras-carla" }, patch: stringify(carlaPatch(carla)) },
      {
        target: { kind: "Deployment", name: "walras-controller" },
        patch: stringify([add(`${container}/args/-`, "--mode=full")]),
      },
      { target: { kind: "DaemonSet", name: "walras-agent" }, patch: stringify(agentPatch) },
    ],
  };
}
