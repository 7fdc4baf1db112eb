import { describe, test } from "vitest";

import { contractSuite } from "../src/contract/index.ts";
import { HttpTransport, loadEndpoint } from "../src/index.ts";

const kubeconfig = process.env["WALRAS_KUBECONFIG"];
const monotonicMs = (): number => performance.now();

if (kubeconfig === undefined) {
  describe("the Kubernetes API of a real server", () => {
    test.skip("set WALRAS_KUBECONFIG to the kubeconfig of an administrator to run", () => undefined);
  });
} else {
  contractSuite("a real server", async () => {
    const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
    const transport = new HttpTransport({ endpoint, userAgent: "walras-contract", monotonicMs });
    return { transport, dispose: () => transport.close() };
  });
}
