import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { describeError } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { PrometheusClient } from "./prometheus.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function answering(answer: (reply: ServerResponse) => void): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, reply) => {
    paths.push(request.url ?? "");
    answer(reply);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

const failureOf = (url: string, mostBytes?: number): Promise<string> =>
  new PrometheusClient(url, mostBytes).query("up", new AbortController().signal).then(
    () => "answered",
    (error: unknown) => describeError(error),
  );

describe("what Prometheus answers", () => {
  it("is its series with a value", async () => {
    const result = ["1.5", "NaN"].map((value) => ({ metric: { instance: "a" }, value: [0, value] }));
    const { url } = await answering((reply) =>
      reply.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } })),
    );
    const samples = await new PrometheusClient(`${url}/`).query("up", new AbortController().signal);
    expect(samples).toEqual([{ labels: { instance: "a" }, value: 1.5 }]);
  });

  it("is not told where it is something else", async () => {
    const { url } = await answering((reply) => reply.writeHead(200).end("a secret of somebody"));
    expect(await failureOf(url)).toBe("Prometheus query up: HTTP 200, which is no answer of Prometheus");
    const error = { status: "error", errorType: "a secret", error: "of somebody" };
    const other = await answering((reply) => reply.writeHead(422).end(JSON.stringify(error)));
    expect(await failureOf(other.url)).toBe("Prometheus query up: HTTP 422");
  });

  it("is told by the kind of its error", async () => {
    const { url } = await answering((reply) =>
      reply.writeHead(400).end(JSON.stringify({ status: "error", errorType: "bad_data", error: "parse error" })),
    );
    expect(await failureOf(url)).toBe("Prometheus query up: HTTP 400, bad_data");
  });

  it("is not looked for elsewhere", async () => {
    const { url, paths } = await answering((reply) => reply.writeHead(302, { location: "/secret" }).end());
    expect(await failureOf(url)).toContain("HTTP 302");
    expect(paths).toEqual(["/api/v1/query?query=up"]);
  });

  it("is read as far as it may be long", async () => {
    const { url } = await answering((reply) => reply.end("x".repeat(100_000)));
    expect(await failureOf(url, 10_000)).toBe("Prometheus query up: the answer is longer than 10000 bytes");
  });
});
