import { Agent } from "node:https";
import { connect } from "node:tls";

import { errorAt } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { ask } from "../testing/client.ts";
import { aPeer, question } from "../testing/peer.ts";
import { anIdentity, aPort, type TestPort } from "../testing/port.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function port(answer: (body: unknown) => object = (body) => ({ asked: body })): Promise<TestPort> {
  const opened = await aPort(answer);
  stops.push(() => opened.server.stop());
  return opened;
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  stops.push(() => agent.destroy());
  return agent;
}

describe("the webhook's port", () => {
  it("answers who asks over TLS, in the order of one connection", async () => {
    const { asking, server } = await port();
    const agent = keepAlive();
    for (const nth of ["first", "second", "third"]) {
      const { status, text } = await ask({ nth }, { ...asking, agent });
      expect([status, JSON.parse(text)]).toEqual([200, { asked: { nth } }]);
    }
    expect(server.connections).toBe(1);
  });

  it("is believed under the Service's name and by its own authority alone", async () => {
    const { asking } = await port();
    await expect(ask({}, { ...asking, servername: "other.shop.svc" })).rejects.toThrow(/altnames/);
    const { authority } = await anIdentity();
    await expect(ask({}, { ...asking, ca: authority })).rejects.toThrow(/certificate|signature/);
  });

  it("speaks TLS 1.2 and newer", async () => {
    const { server, identity } = await port();
    const versionWith = (version: "TLSv1.1" | "TLSv1.2"): Promise<string> =>
      new Promise((resolve) => {
        const options = { minVersion: "TLSv1", maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" } as const;
        const peer = {
          port: server.port,
          host: "127.0.0.1",
          ca: identity.authority,
          checkServerIdentity: () => undefined,
        };
        const socket = connect({ ...peer, ...options }, () => {
          resolve(socket.getProtocol() ?? "none");
          socket.destroy();
        });
        socket.once("error", () => resolve("refused"));
      });
    expect([await versionWith("TLSv1.1"), await versionWith("TLSv1.2")]).toEqual(["refused", "TLSv1.2"]);
  });

  it("serves another certificate to new connections, and goes on with those that are open", async () => {
    const { server, asking } = await port();
    const agent = keepAlive();
    const before = await ask({}, { ...asking, agent });
    const other = await anIdentity();
    server.serveWith(other);
    expect((await ask({}, { ...asking, agent })).serial).toBe(before.serial);
    expect(server.connections).toBe(1);
    expect((await ask({}, { ...asking, ca: other.authority })).serial).not.toBe(before.serial);
    await expect(ask({}, asking)).rejects.toThrow(/certificate|signature/);
  });

  it("goes on with what it served where certificate and key do not match", async () => {
    const { server, asking, identity } = await port();
    const other = await anIdentity();
    expect(() => server.serveWith({ certificate: other.certificate, key: identity.key })).toThrow(
      /key values mismatch/,
    );
    expect((await ask({}, asking)).status).toBe(200);
  });

  it("answers what is under way when it is stopped, and takes nothing new", async () => {
    const opened = await port();
    const peer = await aPeer(opened);
    let heard = "";
    peer.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    peer.write(`${question(2)}{`);
    await expect.poll(() => opened.server.asking).toBe(1);
    const stopped = opened.server.stop();
    await expect(ask({}, opened.asking)).rejects.toThrow("ECONNREFUSED");
    peer.write("}");
    await stopped;
    await expect.poll(() => heard).toContain('{"asked":{}}');
    expect(heard).toContain("connection: close");
    await expect.poll(() => opened.server.connections).toBe(0);
  });
});

describe("what is no question", () => {
  it.each([
    [{ path: "/" }, 404, "/: there is /mutate and nothing else"],
    [{ method: "PUT" }, 405, "method: PUT is not POST"],
    [{ headers: { "content-type": "text/xml" } }, 415, "content-type: text/xml is not application/json"],
    [{ headers: { "content-encoding": "gzip" } }, 415, "content-encoding: gzip is not read here"],
    [{ headers: { "content-length": 3 * 2 ** 20 + 1 } }, 413, "content-length: 3145729 is more than 3145728"],
  ])("is turned away: %j", async (request, status, text) => {
    const { asking, turned } = await port();
    const answer = await ask("{}", { ...asking, ...request });
    expect([answer.status, answer.text, turned]).toEqual([status, text, [status]]);
    expect(answer.headers["connection"]).toBe("close");
  });

  it("is malformed, and its sender is told which field of it is wrong", async () => {
    const { asking } = await port(() => {
      throw errorAt("review.request.uid", "", "is not valid");
    });
    const { status, text } = await ask({}, asking);
    expect([status, text]).toEqual([400, 'review.request.uid: "" is not valid']);
    expect(await ask("{", asking)).toMatchObject({ status: 400, text: expect.stringMatching(/^body: is no JSON/) });
  });

  it("is not told what went wrong inside", async () => {
    const { asking } = await port(() => {
      throw new Error("secret");
    });
    expect(await ask({}, asking)).toMatchObject({ status: 500, text: "the question could not be answered" });
  });
});
