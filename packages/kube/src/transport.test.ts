import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { VirtualClock } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { mostAnswerBytes, mostLineUnits } from "./answer.ts";
import type { KubeEndpoint } from "./endpoint.ts";
import { KubeError, type KubeRequest } from "./port.ts";
import { retryReads } from "./retry.ts";
import { noAnswer, refusal, ScriptedTransport } from "./testing.ts";
import { HttpTransport } from "./transport.ts";

let server: Server;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let sockets: number;
let transport: HttpTransport;
let observed: string[];
let token: KubeEndpoint["token"];

beforeEach(async () => {
  sockets = 0;
  observed = [];
  token = () => "secret";
  handle = (_, response) => response.end("{}");
  server = createServer((request, response) => handle(request, response));
  server.on("connection", () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  transport = transportTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function transportTo(url: string, connections?: number): HttpTransport {
  const trust = { caPem: undefined, serverName: undefined, certPem: undefined, keyPem: undefined };
  return new HttpTransport({
    endpoint: { ...trust, server: url, token: () => token() },
    userAgent: "walras-test",
    ...(connections === undefined ? {} : { connections }),
    monotonicMs: () => performance.now(),
    observer: { called: (verb, status) => observed.push(`${verb} ${status}`) },
  });
}

const get: KubeRequest = { method: "GET", path: "/api/v1/pods" };

async function failureOf(call: Promise<unknown>): Promise<KubeError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe("calls", () => {
  test("say who we are, what is asked and in which form", async () => {
    let seen: unknown;
    handle = (request, response) => {
      const { authorization, accept, "content-type": type, "user-agent": agent } = request.headers;
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        seen = { method: request.method, url: request.url, authorization, accept, type, agent, body };
        response.end(JSON.stringify({ fine: true }));
      });
    };
    const contentType = "application/merge-patch+json";
    const query = { fieldManager: "a b" };
    const answer = await transport.send({ method: "PATCH", path: "/x", query, body: { a: 1 }, contentType });
    expect(answer).toEqual({ fine: true });
    expect(seen).toEqual({
      method: "PATCH",
      url: "/x?fieldManager=a+b",
      authorization: "Bearer secret",
      accept: "application/json",
      type: contentType,
      agent: "walras-test",
      body: '{"a":1}',
    });
    expect(observed).toEqual(["PATCH 200"]);
  });

  test("a hundred at once share eight connections, and the next hundred the same", async () => {
    handle = (_, response) => void setTimeout(() => response.end("{}"), 2);
    const hundred = (): Promise<unknown> => Promise.all(Array.from({ length: 100 }, () => transport.send(get)));
    await hundred();
    await hundred();
    expect(sockets).toBeLessThanOrEqual(8);
  });

  test("a Status object becomes an error with its reason, causes and pause", async () => {
    handle = (_, response) => {
      response.writeHead(429, { "retry-after": "3" });
      const details = { causes: [{ field: "spec.x", message: "no" }] };
      response.end(JSON.stringify({ kind: "Status", message: "slow down", reason: "TooManyRequests", details }));
    };
    const failure = await failureOf(transport.send(get));
    expect(failure).toMatchObject({ status: 429, reason: "TooManyRequests", retryAfterMs: 3000 });
    expect(failure.causes).toEqual([{ field: "spec.x", message: "no" }]);
    expect(failure.message).toBe("GET /api/v1/pods: slow down");
  });

  test("a refusal that is no Status keeps its text", async () => {
    handle = (_, response) => {
      response.statusCode = 502;
      response.end("bad gateway");
    };
    expect(await failureOf(transport.send(get))).toMatchObject({
      status: 502,
      reason: "",
      retryAfterMs: undefined,
      message: "GET /api/v1/pods: bad gateway",
    });
  });

  test.each([
    ["before it answers", (_: unknown, response: ServerResponse): void => void response.destroy()],
    [
      "in the middle",
      (_: unknown, response: ServerResponse): void => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.destroy());
      },
    ],
  ])("a server that hangs up %s is told as no answer", async (_, misbehave) => {
    handle = misbehave;
    expect(await failureOf(transport.send(get))).toMatchObject({ status: 0, reason: "NoAnswer" });
  });

  test("a server that is not there is no answer, with the cause", async () => {
    const lost = transportTo("http://127.0.0.1:1");
    const failure = await failureOf(lost.send(get));
    await lost.close();
    expect([failure.status, (failure.cause as Error).message]).toEqual([0, expect.stringContaining("ECONNREFUSED")]);
  });

  test("an aborted call ends", async () => {
    handle = () => undefined;
    const abort = new AbortController();
    const call = failureOf(transport.send({ ...get, signal: abort.signal }));
    abort.abort();
    expect((await call).status).toBe(0);
  });

  test("a token that cannot be had is an error of the call", async () => {
    token = () => Promise.reject(new Error("plugin failed"));
    expect(await failureOf(transport.send(get))).toMatchObject({ status: 0, reason: "NoCredentials" });
  });
});

describe("what is bounded", () => {
  /** Writes as much as the reader takes, until told to stop. */
  function endless(response: ServerResponse, chunk: Buffer): void {
    const fill = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", fill);
    fill();
  }

  test("connections, where it is told", async () => {
    const narrow = transportTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 1);
    await Promise.all(Array.from({ length: 10 }, () => narrow.send(get)));
    expect(sockets).toBe(1);
    await narrow.close();
    expect(await failureOf(narrow.send(get))).toMatchObject({ status: 0, reason: "NoAnswer" });
  });

  test("an answer", async () => {
    handle = (_, response) => endless(response, Buffer.alloc(2 ** 20, "x"));
    expect(await failureOf(transport.send(get))).toMatchObject({
      status: 200,
      reason: "TooLarge",
      message: `GET /api/v1/pods: an answer of more than ${mostAnswerBytes} bytes`,
    });
  });

  test("a line of a watch", async () => {
    handle = (_, response) => {
      response.write("fine\n");
      endless(response, Buffer.alloc(2 ** 20, "x"));
    };
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of await transport.stream(get)) lines.push(line);
    })();
    const message = `GET /api/v1/pods: a line is longer than ${mostLineUnits} characters`;
    expect(await failureOf(reading)).toMatchObject({ status: 200, reason: "TooLarge", message });
    expect(lines).toEqual(["fine"]);
  });

  test("what an error says", async () => {
    handle = (_, response) => {
      response.statusCode = 500;
      response.end("é".repeat(10_000));
    };
    const { message } = await failureOf(transport.send(get));
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
    expect(message).toMatch(/^GET \/api\/v1\/pods: é+$/);
  });
});

describe("watches", () => {
  test("give lines as they come, until the server ends", async () => {
    handle = (_, response) => {
      response.write('{"a":1}\n{"b"');
      setTimeout(() => response.end(":2}\n"), 20);
    };
    const lines: string[] = [];
    for await (const line of await transport.stream(get)) lines.push(line);
    expect(lines).toEqual(['{"a":1}', '{"b":2}']);
  });

  test("that break are told as no answer", async () => {
    handle = (_, response) => {
      response.write('{"a":1}\n', () => setTimeout(() => response.destroy(), 10));
    };
    const lines: string[] = [];
    const reading = (async () => {
      for await (const line of await transport.stream(get)) lines.push(line);
    })();
    expect((await failureOf(reading)).status).toBe(0);
    expect(lines).toEqual(['{"a":1}']);
  });

  test("that are refused fail before the first line", async () => {
    handle = (_, response) => {
      response.statusCode = 410;
      response.end(JSON.stringify({ reason: "Expired", message: "too old" }));
    };
    expect(await failureOf(transport.stream(get))).toMatchObject({ status: 410, reason: "Expired" });
  });

  test("take no connection from calls", async () => {
    handle = ({ url }, response) => void (url === "/watch" ? response.write("\n") : response.end("{}"));
    const abort = new AbortController();
    const watch = { ...get, path: "/watch", signal: abort.signal };
    await Promise.all(Array.from({ length: 12 }, () => transport.stream(watch)));
    expect(await transport.send(get)).toEqual({});
    abort.abort();
  });
});

describe("reads that are asked to wait", () => {
  async function tried(
    request: KubeRequest,
    ...answers: unknown[]
  ): Promise<readonly [calls: number, outcome: string]> {
    const clock = new VirtualClock();
    const scripted = new ScriptedTransport();
    scripted.answer = () => answers.shift() ?? "fine";
    const call = retryReads(scripted, clock)
      .send(request)
      .then(String, (error: KubeError) => String(error.status));
    await clock.advance(0);
    await clock.advance(60_000);
    return [scripted.calls.length, await call];
  }
  const busy = refusal(429, "TooManyRequests", 1000);

  test("wait and ask again, three times at most", async () => {
    expect(await tried(get, busy, busy)).toEqual([3, "fine"]);
    expect(await tried(get, busy, busy, busy)).toEqual([3, "429"]);
  });

  test("are told at once where no pause is named, where it is long, and where there is no answer", async () => {
    expect(await tried(get, refusal(503, "ServiceUnavailable"))).toEqual([1, "503"]);
    expect(await tried(get, refusal(429, "TooManyRequests", 60_000))).toEqual([1, "429"]);
    expect(await tried(get, noAnswer("gone"))).toEqual([1, "0"]);
  });

  test("writes never wait here", async () => {
    expect(await tried({ ...get, method: "PATCH" }, busy)).toEqual([1, "429"]);
  });
});
