import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describeError } from "@walras/kit";
import { selfSigned } from "@walras/kit/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";

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
  new PrometheusClient({ url }, mostBytes).query("up", new AbortController().signal).then(
    () => "answered",
    (error: unknown) => describeError(error),
  );

describe("what Prometheus answers", () => {
  it("is its series with a value", async () => {
    const result = ["1.5", "NaN"].map((value) => ({ metric: { instance: "a" }, value: [7.5, value] }));
    const { url } = await answering((reply) =>
      reply.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } })),
    );
    const samples = await new PrometheusClient({ url: `${url}/` }).query("up", new AbortController().signal);
    expect(samples).toEqual([{ labels: { instance: "a" }, value: 1.5, atMs: 7_500 }]);
  });

  it("is asked for at the path that is named, no older than it may be", async () => {
    const { url, paths } = await answering((reply) => reply.writeHead(404).end());
    const access = { url: `${url}/query?tenant=a`, path: "", lookBackSeconds: 90 };
    await expect(new PrometheusClient(access).query("up", new AbortController().signal)).rejects.toThrow("up");
    expect(paths).toEqual(["/query?tenant=a&query=up&lookback_delta=90"]);
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

describe("Prometheus behind a proxy that asks for a token", () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-prometheus-"));
  const files = { tokenFile: join(folder, "token"), caFile: join(folder, "ca.crt") };
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Answers whoever shows the token `first` or `second` with how many it has seen. */
  async function guarded(): Promise<{ url: string; ca: string; shown: (string | undefined)[] }> {
    const { cert, key } = await selfSigned("prometheus");
    const shown: (string | undefined)[] = [];
    const server = createTlsServer({ cert, key }, (request, reply) => {
      shown.push(request.headers.authorization);
      const known = ["Bearer first", "Bearer second"].includes(request.headers.authorization ?? "");
      reply.writeHead(known ? 200 : 401);
      const data = { resultType: "scalar", result: [0, String(shown.length)] };
      reply.end(JSON.stringify({ status: known ? "success" : "error", data }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `https://localhost:${(server.address() as AddressInfo).port}`, ca: cert, shown };
  }
  const ask = (client: PrometheusClient): Promise<string | number> =>
    client.query("up", new AbortController().signal).then(
      ([sample]) => sample?.value ?? NaN,
      (error: unknown) => describeError(error),
    );

  it("is asked with the token of now, over TLS that its authority vouches for", async () => {
    const { url, ca, shown } = await guarded();
    writeFileSync(files.tokenFile, "first\n");
    writeFileSync(files.caFile, ca);
    const client = new PrometheusClient({ url, ...files });
    expect(await ask(client)).toBe(1);
    writeFileSync(files.tokenFile, "second\n");
    expect(await ask(client)).toBe(2);
    expect(shown).toEqual(["Bearer first", "Bearer second"]);
  });

  it("is not asked where its certificate is a stranger's, until the authority's file is replaced", async () => {
    const { url, ca, shown } = await guarded();
    writeFileSync(files.tokenFile, "first");
    writeFileSync(files.caFile, (await selfSigned("stranger")).cert);
    const client = new PrometheusClient({ url, ...files });
    expect(await ask(client)).toMatch(/certificate/);
    expect(shown).toEqual([]);
    writeFileSync(files.caFile, ca);
    expect(await ask(client)).toBe(1);
  });

  it("names the file that holds no token, never what it holds", async () => {
    const { url, ca, shown } = await guarded();
    writeFileSync(files.caFile, ca);
    const client = new PrometheusClient({ url, ...files });
    writeFileSync(files.tokenFile, "two words");
    expect(await ask(client)).toContain(`${files.tokenFile}: "(hidden)" holds no token`);
    rmSync(files.tokenFile);
    expect(await ask(client)).toContain(`${files.tokenFile}: "ENOENT" cannot be read`);
    expect(shown).toEqual([]);
  });
});
