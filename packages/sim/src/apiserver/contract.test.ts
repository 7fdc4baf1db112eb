import { systemClock } from "@walras/kit";
import { HttpTransport } from "@walras/kube";
import { contractSuite } from "@walras/kube/contract";

import { inProcessTransport } from "./inProcess.ts";
import { ApiServer } from "./server.ts";

/** Short, so that a test need not make thousands of changes to be forgotten. */
const historyWindow = 25;

contractSuite("the embedded server, in process", () => {
  const server = new ApiServer({ clock: systemClock, historyWindow });
  return Promise.resolve({ transport: inProcessTransport(server), dispose: () => server.close() });
});

contractSuite("the embedded server, over HTTP", async () => {
  const server = new ApiServer({ clock: systemClock, historyWindow });
  const listening = await server.listen(0);
  const monotonicMs = (): number => performance.now();
  const trust = { caPem: undefined, serverName: undefined, certPem: undefined, keyPem: undefined };
  const endpoint = { ...trust, server: listening.url, token: () => undefined };
  const transport = new HttpTransport({ endpoint, userAgent: "walras-contract", monotonicMs });
  return {
    transport,
    dispose: async () => {
      await transport.close();
      await listening.close();
    },
  };
});
