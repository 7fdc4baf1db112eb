import { beforeEach, describe, expect, it } from "vitest";

import { failing, scaleCpu, Workshop } from "../testing.ts";

let shop: Workshop;

beforeEach(() => {
  shop = new Workshop();
});

describe("scaleCPU", () => {
  const bounds = { "mbcas.io/min-cpu": "700m", "mbcas.io/max-cpu": "700m" };

  it("resizes each pod in place where nobody else does, and keeps the template", async () => {
    await shop.cluster.deploy("web", { replicas: 2 });
    expect(await shop.run(shop.fit(), shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect(shop.cpuOf("web")).toEqual(["700m/700m", "700m/700m"]);
    expect(shop.cluster.deployment("web").metadata.generation).toBe(1);
  });

  it("leaves a limit out where the pod has none, and keeps it above the request by the boost", async () => {
    await shop.cluster.deploy("web", { limits: {} });
    await shop.run(shop.fit(), shop.seen("web"), [scaleCpu(700)]);
    expect(shop.cpuOf("web")).toEqual(["700m/undefined"]);
    await shop.cluster.deploy("api");
    await shop.run(shop.fit({ actuators: { scaleCPU: { boost_factor: 2 } } }), shop.seen("api"), [scaleCpu(700)]);
    expect(shop.cpuOf("api")).toEqual(["700m/1400m"]);
  });

  it("only bounds what the market gives to pods that the market sizes", async () => {
    await shop.cluster.deploy("web", { replicas: 2 });
    const fitted = shop.fit({ onMarket: () => true });
    expect(await shop.run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect([shop.cpuOf("web"), shop.cluster.annotations("web-1")]).toEqual([["500m/1", "500m/1"], bounds]);
    expect(await shop.revert(fitted, "web")).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.annotations("web-1")).toEqual({});
  });

  it("resizes by itself where the market was told and has not followed: it does not run any more", async () => {
    await shop.cluster.deploy("web");
    const fitted = shop.fit({ onMarket: () => true });
    await shop.run(fitted, shop.seen("web"), [scaleCpu(700)]);
    await shop.cluster.pass(60);
    await shop.run(fitted, shop.seen("web"), [scaleCpu(700)]);
    expect(shop.cpuOf("web")).toEqual(["700m/700m"]);
  });

  it("leaves pods alone that somebody else has resized", async () => {
    await shop.cluster.deploy("web");
    await shop.cluster.kubectl.send({
      method: "PATCH",
      path: "/api/v1/namespaces/shop/pods/web-1/resize",
      query: { fieldManager: "somebody" },
      contentType: "application/strategic-merge-patch+json",
      body: { spec: { containers: [{ name: "c", resources: { requests: { cpu: "600m" } } }] } },
    });
    expect(await shop.run(shop.fit(), shop.seen("web"), [scaleCpu(700)])).toEqual({
      verdict: "Conflict",
      message: "scaleCPU: CPU of pod web-1 was set by somebody",
    });
    expect(shop.cpuOf("web")).toEqual(["600m/1"]);
  });

  it("changes the template only where in place is refused, and takes that back too", async () => {
    await shop.cluster.deploy("web", { requests: {}, limits: {} });
    const fitted = shop.fit();
    expect(await shop.run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect([shop.cpuOf("web"), templateCpu()]).toEqual([["undefined/undefined"], { requests: "700m", limits: "700m" }]);
    await shop.revert(fitted, "web");
    expect(templateCpu()).toEqual({ requests: undefined, limits: undefined });
  });

  it("takes back what it has resized where a pod is refused in the middle", async () => {
    await shop.cluster.deploy("web", { replicas: 3 });
    const fitted = shop.fit({ over: failing(2, "refused") });
    expect(await shop.run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cpuOf("web")).toEqual(["500m/1", "500m/1", "500m/1"]);
  });
});

function templateCpu(): object {
  const { requests, limits } = shop.template("web").spec.containers[0]?.resources ?? {};
  return { requests: requests?.["cpu"], limits: limits?.["cpu"] };
}
