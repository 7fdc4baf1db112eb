import { join } from "node:path";

import type { Cluster } from "./cluster.ts";
import type { ServiceAccount } from "./programs.ts";

const manifest = join(import.meta.dirname, "..", "..", "deploy", "ido", "manifest.yaml");

/** Makes the planner's account and rights as its manifest has them; its image is at a registry that is not here. */
export async function plannerAccount(cluster: Cluster): Promise<ServiceAccount> {
  await cluster.kubectl("create", "namespace", "ido");
  await cluster.kubectl("apply", "-f", manifest);
  await cluster.kubectl("-n", "ido", "scale", "deployment", "planner", "--replicas=0");
  return { namespace: "ido", name: "planner-service-account" };
}

export async function removePlannerAccount(cluster: Cluster): Promise<void> {
  await cluster.kubectl("delete", "namespace", "ido", "--timeout=60s", "--ignore-not-found");
}
