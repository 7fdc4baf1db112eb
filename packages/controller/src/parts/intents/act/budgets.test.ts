import { beforeEach, describe, expect, it } from "vitest";

import { rmPod, Workshop } from "./testing.ts";

let shop: Workshop;

beforeEach(async () => {
  shop = new Workshop();
  await shop.cluster.deploy("web", { replicas: 5 });
});

async function budget(name: string, selector: object | null, disruptionsAllowed: number): Promise<void> {
  const path = "/apis/policy/v1/namespaces/shop/poddisruptionbudgets";
  const spec = selector === null ? {} : { selector };
  const body = { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata: { name }, spec };
  await shop.cluster.kubectl.send({ method: "POST", path, body });
  await shop.cluster.kubectl.send({
    method: "PATCH",
    path: `${path}/${name}/status`,
    contentType: "application/merge-patch+json",
    body: { status: { disruptionsAllowed } },
  });
}

async function left(): Promise<number> {
  await shop.run(shop.fit(), shop.seen("web"), rmPod("web-1", "web-2", "web-3"));
  return shop.cluster.replicas("web");
}

describe("budgets bound how many pods go together", () => {
  it.each([
    ["of their labels", { matchLabels: { app: "web" } }, 4],
    ["of everything", {}, 4],
    ["of an expression", { matchExpressions: [{ key: "app", operator: "In", values: ["web", "api"] }] }, 4],
    ["of a label that they have", { matchExpressions: [{ key: "app", operator: "Exists" }] }, 4],
    ["of nothing", null, 2],
    ["of others", { matchLabels: { app: "api" } }, 2],
    ["of whoever is not they", { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] }, 2],
    ["of whoever has no label", { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }, 2],
  ])("where they are %s", async (_, selector, replicas) => {
    await budget("one", selector, 1);
    expect(await left()).toBe(replicas);
  });

  it("to none where several protect them, as the API server has it", async () => {
    await budget("two", { matchLabels: { app: "web" } }, 2);
    await budget("one", {}, 1);
    expect(await left()).toBe(5);
  });
});
