import { systemClock, VirtualClock } from "@walras/kit";
import { KubeError, type KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { AuthenticationError } from "./authenticator.ts";
import { agentLimits } from "../../bounds/agentLimits.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

describe("tokens that are not agents'", () => {
  const username = "system:serviceaccount:walras-system:walras-agent";

  /** An API server that answers when the test says so. */
  const slowServer = (answer: object) => {
    const waiting: (() => void)[] = [];
    let asked = 0;
    const transport: KubeTransport = {
      send: () => {
        asked += 1;
        return new Promise((resolve) => waiting.push(() => resolve({ status: answer })));
      },
      stream: () => Promise.reject(new KubeError("none", { status: 0, reason: "" })),
    };
    const answerAll = async (): Promise<void> => {
      for (const go of waiting.splice(0)) go();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { transport, waiting, asked: () => asked, answerAll };
  };

  const authenticatorOf = (transport: KubeTransport, clock = systemClock): TokenReviewAuthenticator =>
    new TokenReviewAuthenticator(transport, { audience: "walras-controller", username }, clock);
  const withToken = (token: string) => ({ token, certificateName: "", claimedNode: "node-1" });

  it("keep the API server busy with a few reviews at a time, and no more wait than may", async () => {
    const api = slowServer({ authenticated: false, error: "no" });
    const authenticator = authenticatorOf(api.transport);
    const asked = 1_000;
    const all = Array.from({ length: asked }, (_, at) => authenticator.authenticate(withToken(`wrong-${at}`)));
    const outcomes = Promise.allSettled(all);
    await new Promise((resolve) => setImmediate(resolve));
    const most = agentLimits.reviewsInFlight + agentLimits.reviewsWaiting;
    for (let turn = 0; turn < most / agentLimits.reviewsInFlight; turn += 1) {
      expect(api.waiting.length).toBeLessThanOrEqual(agentLimits.reviewsInFlight);
      await api.answerAll();
    }
    const refused = (await outcomes).filter(
      (outcome) => outcome.status === "rejected" && outcome.reason instanceof AuthenticationError,
    );
    expect([refused.length, api.asked()]).toEqual([most, most]);
  });

  it("are reviewed once by all who show the same, and their refusal is remembered", async () => {
    const api = slowServer({ authenticated: false, error: "no" });
    const clock = new VirtualClock();
    const authenticator = authenticatorOf(api.transport, clock);
    const outcomes = Promise.allSettled(
      Array.from({ length: 100 }, () => authenticator.authenticate(withToken("wrong"))),
    );
    await clock.advance(0);
    await api.answerAll();
    expect((await outcomes).every((outcome) => outcome.status === "rejected")).toBe(true);
    await expect(authenticator.authenticate(withToken("wrong"))).rejects.toThrow("the token is not valid: no");
    expect(api.asked()).toBe(1);
    await clock.advance(agentLimits.reviewsRememberedMs);
    const again = authenticator.authenticate(withToken("wrong"));
    const refused = expect(again).rejects.toThrow("the token is not valid");
    await clock.advance(0);
    await api.answerAll();
    await refused;
    expect(api.asked()).toBe(2);
  });

  it("that could not be reviewed are not taken for refused", async () => {
    let away = true;
    const good = {
      authenticated: true,
      audiences: ["walras-controller"],
      user: { username, extra: { "authentication.kubernetes.io/node-name": ["node-1"] } },
    };
    const authenticator = authenticatorOf({
      ...slowServer({}).transport,
      send: () => (away ? Promise.reject(new Error("away")) : Promise.resolve({ status: good })),
    });
    await expect(authenticator.authenticate(withToken("t"))).rejects.toThrow("away");
    away = false;
    expect(await authenticator.authenticate(withToken("t"))).toMatchObject({ node: "node-1" });
  });

  it("are looked at again when they say that they end, and no answer outlives them", async () => {
    const clock = new VirtualClock();
    let reviews = 0;
    let authenticated = true;
    const user = { username, extra: { "authentication.kubernetes.io/node-name": ["node-1"] } };
    const authenticator = authenticatorOf(
      {
        ...slowServer({}).transport,
        send: () => {
          reviews += 1;
          return Promise.resolve({ status: { authenticated, audiences: ["walras-controller"], user } });
        },
      },
      clock,
    );
    const claims = Buffer.from(JSON.stringify({ exp: clock.wallMs() / 1000 + 30 })).toString("base64url");
    const token = `e30.${claims}.x`;
    expect(await authenticator.authenticate(withToken(token))).toEqual({ node: "node-1", reviewInMs: 31_000 });
    authenticated = false;
    await clock.advance(29_999);
    expect(await authenticator.authenticate(withToken(token))).toMatchObject({ node: "node-1" });
    await clock.advance(1);
    await expect(authenticator.authenticate(withToken(token))).rejects.toThrow("not valid");
    expect(reviews).toBe(2);
    expect(agentLimits.reviewOpaqueMs).toBeLessThanOrEqual(300_000);
  });
});
