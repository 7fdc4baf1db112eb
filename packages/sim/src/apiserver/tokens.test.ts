import { describe, expect, test } from "vitest";

import { failureOf, podNamed, podsPath, testServer, type TestServer } from "./testing.ts";

const account = "/api/v1/namespaces/default/serviceaccounts/default/token";

async function tokenFor(api: TestServer, spec: object): Promise<string> {
  const answer = await api.create(account, { spec });
  return (answer.status as { token: string }).token;
}

async function review(api: TestServer, token: string, audiences: readonly string[]): Promise<unknown> {
  return (await api.create("/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token, audiences } })).status;
}

describe("tokens", () => {
  test("one bound to a pod names its node, and dies with the pod", async () => {
    const api = testServer();
    const pod = await api.create(podsPath, podNamed("a", {}, { nodeName: "n1" }));
    const boundObjectRef = { kind: "Pod", apiVersion: "v1", name: "a", uid: pod.metadata.uid };
    const token = await tokenFor(api, { audiences: ["walras"], boundObjectRef });
    expect(await review(api, token, ["walras"])).toMatchObject({
      authenticated: true,
      audiences: ["walras"],
      user: {
        username: "system:serviceaccount:default:default",
        extra: {
          "authentication.kubernetes.io/node-name": ["n1"],
          "authentication.kubernetes.io/pod-uid": [pod.metadata.uid],
        },
      },
    });
    await api.remove(`${podsPath}/a`, { gracePeriodSeconds: 0 });
    expect(await review(api, token, ["walras"])).toEqual({ user: {}, error: "invalid bearer token" });
  });

  test("another audience, an unknown token and an old one are refused", async () => {
    const api = testServer();
    const token = await tokenFor(api, { audiences: ["walras"], expirationSeconds: 600 });
    expect(await review(api, token, ["other"])).toMatchObject({
      error: expect.stringContaining("audiences [walras] is invalid"),
    });
    expect(await review(api, "nonsense", ["walras"])).toEqual({ user: {}, error: "invalid bearer token" });
    await api.clock.advance(600_000);
    expect(await review(api, token, ["walras"])).toEqual({ user: {}, error: "invalid bearer token" });
  });

  test("the host program can register its own", async () => {
    const api = testServer();
    api.server.tokens.register("secret", { username: "agent", audiences: ["walras"] });
    expect(await review(api, "secret", ["walras"])).toEqual({
      authenticated: true,
      user: { username: "agent" },
      audiences: ["walras"],
    });
  });

  test("wrong requests are refused", async () => {
    const api = testServer();
    expect((await failureOf(tokenFor(api, { expirationSeconds: 10 }))).message).toContain(
      "may not specify a duration less than 10 minutes",
    );
    const gone = { boundObjectRef: { kind: "Pod", name: "zz" } };
    expect((await failureOf(tokenFor(api, gone))).message).toBe('pods "zz" not found');
  });
});
