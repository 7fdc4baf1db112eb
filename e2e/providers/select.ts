import { existsSync } from "node:fs";
import { join } from "node:path";

import { kindProvider } from "./kind.ts";
import { kubeconfigProvider } from "./kubeconfig.ts";
import type { Provider } from "./provider.ts";
import { testbedProvider } from "./testbed.ts";

/** A testbed lies beside the checkout, where there is one. */
const testbedBeside = join(import.meta.dirname, "..", "..", "..", "shared", "testbed", "testbed");

const defaultLoadImage = "registry.k8s.io/e2e-test-images/resource-consumer:1.13";

/**
 * The provider that WALRAS_E2E_PROVIDER names: testbed, kubeconfig or kind; the
 * testbed where one is there, else kind.
 */
export function selectProvider(env: NodeJS.ProcessEnv): Provider {
  const script = env["WALRAS_TESTBED"] ?? testbedBeside;
  const name = env["WALRAS_E2E_PROVIDER"] ?? (existsSync(script) ? "testbed" : "kind");
  switch (name) {
    case "testbed":
      return testbedProvider(script);
    case "kubeconfig":
      return kubeconfigProvider(env["KUBECONFIG"] ?? "", env["WALRAS_LOAD_IMAGE"] ?? defaultLoadImage);
    case "kind":
      return kindProvider(env["WALRAS_KIND_IMAGE"]);
    default:
      throw new Error(`WALRAS_E2E_PROVIDER: ${name} is not testbed, kubeconfig or kind`);
  }
}
