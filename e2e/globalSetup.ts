import type { TestProject } from "vitest/node";

import type { TestCluster } from "./providers/provider.ts";
import { selectProvider } from "./providers/select.ts";

declare module "vitest" {
  export interface ProvidedContext {
    provider: string;
    kubeconfig: string;
    /** Whether this machine sees the kernel of the cluster's nodes. */
    local: boolean;
  }
}

/** Brings the cluster up before the first suite and takes it away after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const provider = selectProvider(process.env);
  let cluster: TestCluster;
  try {
    cluster = await provider.up();
  } catch (error) {
    await provider.down();
    throw error;
  }
  project.provide("provider", provider.name);
  project.provide("kubeconfig", cluster.kubeconfig);
  project.provide("local", cluster.localNodes.length > 0);
  return () => provider.down();
}
