import { join } from "node:path";

import { carlaToken } from "./argo.ts";
import type { Cluster } from "./cluster.ts";
import type { Program, Programs } from "./programs.ts";

const root = join(import.meta.dirname, "..", "..");

/** CARLA's namespace, account and rights, as they are shipped. */
export async function installCarla(cluster: Cluster): Promise<void> {
  await cluster.kubectl("apply", "-f", join(root, "deploy", "carla", "namespace.yaml"));
  for (const file of ["roles/carla/role.yaml", "carla/rbac.yaml"])
    await cluster.kubectl("-n", "carla", "apply", "-f", join(root, "deploy", file));
}

/** Starts CARLA by itself on this machine, with the rights of its service account. */
export async function startCarla(
  programs: Programs,
  run: string,
  files: { readonly policy: string; readonly apps: string },
): Promise<Program> {
  const kubeconfig = await programs.kubeconfigOf({ namespace: "carla", name: "carla-scheduler" });
  return programs.start(
    run,
    "packages/controller/src/main.ts",
    ["--parts=carla", `--kubeconfig=${kubeconfig}`, "--namespace=carla", "--ops-host=127.0.0.1", "--ops-port=0"],
    { CARLA_POLICY: files.policy, CARLA_APPS: files.apps, ARGO_TOKEN: await carlaToken() },
  );
}
