import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { IntentStatus } from "@walras/api";
import { KubeError, type KubeTransport } from "@walras/kube";
import { afterEach, describe, expect, it } from "vitest";

import { explainIntent, printExplained } from "./explain.ts";

const status: IntentStatus = {
  verdict: "Bounded",
  objectives: [
    { name: "fast", profile: "shop/p99", target: 100, current: 150, met: false, since: "2026-01-01T12:00:00.000Z" },
    { name: "busy", profile: "shop/rps", target: 0, current: 5, stale: true },
    { name: "up", profile: "shop/up", target: 0.99 },
  ],
  conditions: [
    {
      type: "Degraded",
      status: "True",
      reason: "Refused",
      message: "a budget",
      lastTransitionTime: "2026-01-01T12:00:00Z",
    },
    { type: "Conflict", status: "False", reason: "SoleOwner", message: "", lastTransitionTime: "2026-01-01T12:00:00Z" },
  ],
  lastPlan: {
    at: "2026-01-01T12:00:00.000Z",
    actions: [{ name: "scaleOut", properties: { factor: 2 } }],
    cost: 1.02,
    rejected: [{ name: "scaleCPU", reason: "costs 2, more than the plan" }],
    predicted: [{ profile: "shop/p99", value: 90 }],
    seen: [{ profile: "shop/p99", value: 95 }],
    outcome: "AsPredicted",
    message: "scaleOut",
  },
};

const intent = { spec: { targetRef: { name: "shop/web" }, active: false }, status };
const asked: string[] = [];
const transport: KubeTransport = {
  send: ({ path }) => {
    asked.push(path);
    if (path.endsWith("/web")) return Promise.resolve(intent);
    return Promise.reject(new KubeError("not found", { status: 404, reason: "NotFound" }));
  },
  stream: () => Promise.reject(new Error("nothing is watched")),
};

let close: (() => void) | undefined;
afterEach(() => close?.());

async function planner(answer: object, code = 200): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization ?? ""}`);
    response.writeHead(code).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  close = () => server.close();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("walras intent explain", () => {
  it("tells objectives, conditions and the last plan, by name and namespace or both in one", async () => {
    const explained = await explainIntent("web", { namespace: "shop" }, transport);
    expect(await explainIntent("shop/web", { namespace: "other" }, transport)).toEqual(explained);
    expect(asked.at(-1)).toBe("/apis/ido.intel.com/v1alpha1/namespaces/shop/intents/web");
    expect(printExplained(explained).trimEnd().split("\n")).toEqual([
      "shop/web → Deployment shop/web: Bounded (not active: nothing is done)",
      "  fast: 150, target 100, missed since 2026-01-01T12:00:00.000Z",
      "  busy: 5 (stale), target 0, not known",
      "  up: not known, target 0.99, not known",
      "  Degraded True: Refused, a budget",
      "  last plan, 2026-01-01T12:00:00.000Z: scaleOut factor=2, cost 1.02",
      "    AsPredicted: scaleOut",
      "    predicted shop/p99 90; seen shop/p99 95",
      "    not scaleCPU: costs 2, more than the plan",
    ]);
  });

  it("tells what the planner decided in its last round", async () => {
    const plan = [{ name: "rmPod", properties: { name: "web-1" } }];
    const execution = { verdict: "Refused", message: "a budget" };
    const round = { name: "shop/web", verdict: "Planned", reason: "met with less", plan, rejected: [], execution };
    const url = await planner({ at: "now", intents: [round], invalid: [] });
    const explained = await explainIntent("web", { namespace: "shop", view: url }, transport);
    expect(asked.at(-1)).toBe("/intents ");
    expect(printExplained(explained).trimEnd().split("\n").slice(-3)).toEqual([
      "  last round: Planned, met with less",
      "    plan: rmPod name=web-1",
      "    Refused: a budget",
    ]);
  });

  it("says which Intent is not there, and what the planner answers", async () => {
    await expect(explainIntent("none", { namespace: "shop" }, transport)).rejects.toThrow('NAME: "shop/none"');
    const url = await planner({}, 403);
    await expect(explainIntent("web", { namespace: "shop", view: url }, transport)).rejects.toThrow("answers 403");
  });
});
