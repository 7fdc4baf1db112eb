import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** An Argo CD that lists and streams so many Applications as it would write them, and changes one of them now and then. */
export async function serveApplications(count: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url?.startsWith("/api/v1/stream/applications")) {
      for (let index = 0; index < count; index += 1) response.write(line("ADDED", index, 1));
      const timer = setInterval(() => response.write(line("MODIFIED", Math.floor(Math.random() * count), 2)), 5);
      request.on("close", () => clearInterval(timer));
      return;
    }
    const items = Array.from({ length: count }, (_, index) => digest(index));
    response.end(JSON.stringify({ items, metadata: { resourceVersion: "1" } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sha(seed: number): string {
  return seed.toString(16).padStart(40, "0");
}

const isPending = (index: number): boolean => index % 10 === 0;

function digest(index: number): object {
  return {
    metadata: { name: `app-${index}`, namespace: "argocd" },
    status: {
      sync: { status: isPending(index) ? "OutOfSync" : "Synced" },
      health: { status: "Healthy" },
      operationState: { phase: "Succeeded" },
    },
  };
}

function line(type: string, index: number, version: number): string {
  const history = Array.from({ length: 10 }, (_, id) => ({
    id,
    revision: sha(index * 100 + id),
    deployedAt: "2026-01-01T00:00:00Z",
  }));
  const application = {
    metadata: {
      name: `app-${index}`,
      namespace: "argocd",
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      resourceVersion: String(version),
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "x".repeat(600) },
    },
    spec: { project: `project-${index % 40}`, source: { targetRevision: "main" } },
    status: {
      sync: { status: isPending(index) ? "OutOfSync" : "Synced", revision: sha(index * 100 + 10) },
      health: { status: "Healthy" },
      reconciledAt: "2026-01-01T00:00:00Z",
      history,
      operationState: {
        phase: "Succeeded",
        startedAt: "2026-01-01T00:00:00Z",
        finishedAt: "2026-01-01T00:00:20Z",
        message: "successfully synced (all tasks run)",
        operation: { sync: { revision: sha(index * 100 + 9) }, initiatedBy: { username: "carla" } },
        syncResult: { revision: sha(index * 100 + 9) },
      },
    },
  };
  return `${JSON.stringify({ result: { type, application } })}\n`;
}
