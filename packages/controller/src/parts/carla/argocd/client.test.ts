import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describeError } from "@walras/kit";
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { ArgoClient, type ArgoClientOptions } from "./client.ts";
import { failureOf } from "./failure.ts";
import { type ApplicationEvent, ArgoError, type SyncRequest } from "./port.ts";
import { FakeArgo } from "./testing/fakeArgo.ts";

const never = new AbortController().signal;
const request: SyncRequest = {
  namespace: "argocd",
  name: "a",
  project: "p",
  releaseId: "r",
  revisions: ["r1"],
  prune: false,
};

it.each([true, false])("R1: a sync asks for pruning: %s", async (prune) => {
  const { url, heard } = await answering(200, "{}");
  await clientOf(url).sync({ ...request, prune }, never);
  expect(JSON.parse(heard[0]!.body)).toMatchObject({ prune });
});

async function fakeArgo(): Promise<FakeArgo> {
  const fake = new FakeArgo();
  await fake.start();
  onTestFinished(() => fake.stop());
  return fake;
}

function clientOf(baseUrl: string, given: Partial<ArgoClientOptions> = {}): ArgoClient {
  const client = new ArgoClient({
    baseUrl,
    token: () => "fake-token",
    onUnauthorized: () => undefined,
    verifyTls: true,
    caPem: undefined,
    appNamespace: "argocd",
    onUnreadable: (error) => expect.fail(String(error)),
    ...given,
  });
  onTestFinished(() => client.close());
  return client;
}

interface Heard {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
}

/** A server that answers everything so; tells what it was asked. */
async function answering(status: number, body: string): Promise<{ readonly url: string; readonly heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((incoming, response) => {
    let text = "";
    incoming.on("data", (chunk: Buffer) => (text += chunk.toString()));
    incoming.on("end", () => {
      heard.push({ method: incoming.method, url: incoming.url, body: text });
      response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

async function errorOf(attempt: Promise<unknown>): Promise<ArgoError> {
  const error = await attempt.then(
    () => "no error",
    (thrown: unknown) => thrown,
  );
  if (error instanceof ArgoError) return error;
  throw new Error(`not an ArgoError: ${String(error)}`);
}

describe("the client of Argo CD", () => {
  it("pins every source of a sync, prunes nothing, and goes through a root path", async () => {
    const { url, heard } = await answering(200, "{}");
    const client = clientOf(`${url}/argo/`);
    await client.sync({ ...request, name: "a b", revisions: ["x", "y"] }, never);
    await client.sync({ ...request, revisions: [] }, never);
    expect(heard.map(({ method, url: path }) => `${method} ${path?.replace(/\?.*/, "")}`)).toEqual([
      "POST /argo/api/v1/applications/a%20b/sync",
      "POST /argo/api/v1/applications/a/sync",
    ]);
    const [several, unpinned] = heard.map(({ body }) => JSON.parse(body) as object);
    expect(several).toEqual({
      name: "a b",
      appNamespace: "argocd",
      project: "p",
      revisions: ["x", "y"],
      sourcePositions: [1, 2],
      prune: false,
      dryRun: false,
      strategy: { hook: { force: false } },
      infos: [{ name: "walras-release", value: "r" }],
    });
    expect(unpinned).not.toHaveProperty("revision");
  });

  it("does not know whether a sync was begun whose answer is lost", async () => {
    const fake = await fakeArgo();
    const a = fake.add("a", { project: "p" });
    fake.faults.loseSyncAnswers = true;
    const error = await errorOf(clientOf(fake.url).sync(request, never));
    expect([error.failure, error.status]).toEqual(["unreachable", 0]);
    await vi.waitFor(() => expect(a.sync).toBe("Synced"));
  });

  it("sends nothing without a token, and tells why", async () => {
    const { url, heard } = await answering(200, "{}");
    const token = (): string => {
      throw new Error("token file /run/token: it is not there");
    };
    const error = await errorOf(clientOf(url, { token }).sync(request, never));
    expect(error.failure).toBe("unauthorized");
    expect(describeError(error)).toContain("/run/token");
    expect(heard).toEqual([]);
  });

  it("tells whoever keeps the token that it was refused, and never shows it", async () => {
    const fake = await fakeArgo();
    let refused = 0;
    const client = clientOf(fake.url, { token: () => "very-secret", onUnauthorized: () => (refused += 1) });
    const error = await errorOf(client.list(never));
    expect([error.failure, refused]).toEqual(["unauthorized", 1]);
    expect(`${describeError(error)} ${error.stack}`).not.toContain("very-secret");
  });

  it.each(["<html>", '{"items": 3}'])("takes %s for no list", async (body) => {
    const { url } = await answering(200, body);
    expect((await errorOf(clientOf(url).list(never))).failure).toBe("malformed");
  });

  it("reads on in a stream past what cannot be read, and ends where Argo CD says it does", async () => {
    const line = (name: string, health: string, type = "MODIFIED"): string =>
      JSON.stringify({ result: { type, application: { metadata: { name }, status: { health: { status: health } } } } });
    const { url } = await answering(
      200,
      [
        line("a", "Healthy"),
        "{",
        line("b", "Refreshing"),
        "",
        line("c", "Refreshing", "DELETED"),
        line("d", "Healthy", "EXPLODED"),
        line("e", "Missing"),
        '{"error":{"message":"too old"}}',
      ].join("\n"),
    );
    const complaints: unknown[] = [];
    const events: ApplicationEvent[] = [];
    const following = (async () => {
      const client = clientOf(url, { onUnreadable: (error) => complaints.push(error) });
      for await (const event of client.stream(never)) events.push(event);
    })();
    expect((await errorOf(following)).message).toBe("Argo CD ended the stream: too old");
    expect(events.map(({ type, application }) => `${application.name} ${type}`)).toEqual([
      "a present",
      "b unreadable",
      "c deleted",
      "e present",
    ]);
    expect(complaints).toHaveLength(3);
  });
});

describe("an answer that is none", () => {
  it.each([
    [400, "another operation is already in progress", "operationInProgress"],
    [400, "Unable to terminate operation. No operation is in progress", "noOperation"],
    [400, "revision is not a branch", "rejected"],
    [401, "no session information", "unauthorized"],
    [403, "Cannot sync: Blocked by sync window", "blockedBySyncWindow"],
    [403, "cannot sync: blocked by sync window", "blockedBySyncWindow"],
    [403, "permission denied", "forbidden"],
    [404, "not found", "notFound"],
    [429, "slow down", "unreachable"],
    [502, "bad gateway", "unreachable"],
  ] as const)("%i %s is %s", (status, message, failure) => {
    const error = failureOf(status, JSON.stringify({ error: "rpc", message }));
    expect([error.failure, error.message]).toEqual([failure, `Argo CD: ${message}`]);
  });

  it("may be a page of a proxy, or nothing", () => {
    expect(failureOf(503, "<html>upstream</html>").message).toBe("Argo CD: <html>upstream</html>");
    expect(failureOf(503, "").message).toBe("Argo CD: HTTP 503");
    expect(failureOf(400, "null").failure).toBe("rejected");
  });
});
