import { inject } from "vitest";

import { selectProvider } from "../providers/select.ts";
import { Cluster } from "./cluster.ts";

/** The cluster that is up already, whichever provider has it. */
export async function givenCluster(): Promise<Cluster> {
  const env = { ...process.env, WALRAS_E2E_PROVIDER: inject("provider"), KUBECONFIG: inject("kubeconfig") };
  return Cluster.of(await selectProvider(env).up());
}
