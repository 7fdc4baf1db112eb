import { contractSuite } from "@walras/kube/contract";

import { openStage } from "../harness/stage.ts";

// The same suite that the embedded API server passes: so that it cannot drift.
contractSuite("the real API server", async () => {
  const { cluster, close } = await openStage("contract");
  return { transport: cluster.transport, dispose: close };
});
