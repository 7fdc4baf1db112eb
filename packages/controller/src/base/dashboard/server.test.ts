import { dashboardExplanation, dashboardMe, dashboardSummary, explainKeys } from "@walras/api";
import { createLogger } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import { as, refusal, served, stopAll } from "./testing/serving.ts";

afterEach(stopAll);

describe("the dashboard's port", () => {
  it("lets in who may read, and says who they are and who answers", async () => {
    const { url } = await served();
    const me = dashboardMe.parse(await (await fetch(`${url}/api/me`, as("dana"))).json());
    expect(me).toEqual({
      user: "dana",
      access: "kubernetes",
      replica: "a-0",
      leader: true,
      leaderName: "a-0",
      parts: ["market", "batch"],
    });
  });

  it.each([
    "me",
    "summary",
    "nodes/node-00000",
    "pods/a/b",
    "releases",
    "slots",
    "gpus",
    "intents",
    "events",
    "explain/strip.nodes",
  ])("shows /api/%s to nobody without a token, with a wrong one, or without the right", async (path) => {
    const { url } = await served();
    expect(await refusal(await fetch(`${url}/api/${path}`))).toEqual([401, "a bearer token is needed"]);
    expect(await refusal(await fetch(`${url}/api/${path}`, as("nobody")))).toEqual([401, "the token is not valid"]);
    const [status, error] = await refusal(await fetch(`${url}/api/${path}`, as("eve")));
    expect([status, error]).toEqual([
      403,
      expect.stringContaining('eve needs a ClusterRole with the rule {nonResourceURLs: ["/walras/dashboard"]'),
    ]);
  });

  it("writes down whom it refuses, by name and path, and not the token", async () => {
    const lines: string[] = [];
    const logger = createLogger("test", "warn");
    const told = (fields: object, message: string): unknown => lines.push(`${message} ${JSON.stringify(fields)}`);
    logger.warn = told as unknown as typeof logger.warn;
    const { url } = await served({ logger });
    await fetch(`${url}/api/summary?x=1`, as("eve"));
    await fetch(`${url}/api/summary`);
    expect(lines).toEqual([
      'dashboard refused {"address":"127.0.0.1","user":"eve","path":"/api/summary","code":403,"unwritten":0}',
    ]);
  });

  it("does not let anybody in while it cannot be told who they are", async () => {
    const { url, access } = await served();
    access.away = true;
    expect(await refusal(await fetch(`${url}/api/me`, as("dana")))).toEqual([
      503,
      "whether the token may read this cannot be told now",
    ]);
  });

  it("can only be read", async () => {
    const { url } = await served();
    for (const method of ["POST", "PUT", "DELETE", "PATCH"])
      expect(await refusal(await fetch(`${url}/api/summary`, { ...as("dana"), method }))).toEqual([
        405,
        "it can only be read",
      ]);
  });

  it("says which part does not run, and which parameter is wrong", async () => {
    const { url } = await served();
    const ask = async (path: string): Promise<[number, string]> =>
      refusal(await fetch(`${url}/api/${path}`, as("dana")));
    expect(await ask("releases")).toEqual([404, "the part carla does not run here"]);
    expect(await ask("slots")).toEqual([404, "the part batch does not run here"]);
    expect(await ask("gpus")).toEqual([404, "the part gpu does not run here"]);
    expect(await ask("intents")).toEqual([404, "the part intents does not run here"]);
    expect(await ask("nodes/nope")).toEqual([404, "there is no /api/nodes/nope"]);
    expect(await ask("pods/a/b")).toEqual([404, "there is no /api/pods/a/b"]);
    expect(await ask("explain/strip.nothing")).toEqual([404, "there is no /api/explain/strip.nothing"]);
    const wrong = await fetch(`${url}/api/nodes/UPPER`, as("dana"));
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: 'name: "UPPER" is no name of Kubernetes', field: "name" },
    ]);
    const { url: bare } = await served({ parts: [] });
    expect(await refusal(await fetch(`${bare}/api/nodes/a`, as("dana")))).toEqual([
      404,
      "the part market does not run here",
    ]);
    expect(dashboardSummary.parse(await (await fetch(`${bare}/api/summary`, as("dana"))).json()).cells.node).toEqual(
      [],
    );
  });

  it("explains each number that has a key", async () => {
    const { url } = await served();
    for (const key of explainKeys) {
      const answer = await fetch(`${url}/api/explain/${key}`, as("dana"));
      expect([key, dashboardExplanation.parse(await answer.json()).key]).toEqual([key, key]);
    }
    const saved = await (await fetch(`${url}/api/explain/strip.savedPerMonth`, as("dana"))).json();
    expect(dashboardExplanation.parse(saved).inputs).toContainEqual({ name: "coreHourPrice", value: "0.04" });
  });

  it("keeps its headers on every answer", async () => {
    const { url } = await served();
    for (const answer of [await fetch(url), await fetch(`${url}/api/me`), await fetch(`${url}/nothing`)]) {
      await answer.arrayBuffer();
      expect(answer.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(answer.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });
});

describe("the page", () => {
  it("is served compressed, and not again to who has it", async () => {
    const { url } = await served();
    const index = await fetch(url);
    expect([index.status, index.headers.get("content-type"), index.headers.get("cache-control")]).toEqual([
      200,
      "text/html; charset=utf-8",
      "no-cache",
    ]);
    expect(await index.text()).toContain("<title>Walras</title>");
    const script = await fetch(`${url}/assets/main-abc.js`, { headers: { "accept-encoding": "br" } });
    expect([script.headers.get("content-encoding"), script.headers.get("cache-control")]).toEqual([
      "br",
      "public, max-age=31536000, immutable",
    ]);
    expect(await script.text()).toBe("document.title += '!';".repeat(50));
    const etag = index.headers.get("etag") ?? "";
    expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  it("is its own files and no others", async () => {
    const { url } = await served();
    for (const path of ["/secret.key", "/../secret.key", "/assets/..%2fsecret.key", "/etc/passwd"])
      expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  it("may be missing: the rest is served", async () => {
    const { url } = await served({ folder: "/nonexistent" });
    expect(await refusal(await fetch(url))).toEqual([404, "the page was not built: what it shows is below /api"]);
    expect((await fetch(`${url}/api/me`, as("dana"))).status).toBe(200);
  });
});
