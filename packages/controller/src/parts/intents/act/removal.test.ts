import { silentLogger } from "@walras/kit";
import { resources } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import { Janitor, markedPods } from "./janitor.ts";
import { failing, rmPod, scaleOut, Workshop } from "./testing.ts";

const cost = "controller.kubernetes.io/pod-deletion-cost";

let shop: Workshop;

beforeEach(() => {
  shop = new Workshop();
});

describe("rmPod", () => {
  beforeEach(() => shop.cluster.deploy("web", { replicas: 5 }));

  it("removes exactly the pods that it names, several at once", async () => {
    const plan = rmPod("web-2", "web-4", "web-5");
    expect(await shop.run(shop.fit(), shop.seen("web"), plan)).toMatchObject({ verdict: "Done" });
    await shop.cluster.settle();
    expect(shop.cluster.podNames("web")).toEqual(["web-1", "web-3"]);
  });

  it("is netted with scaleOut", async () => {
    expect(await shop.run(shop.fit(), shop.seen("web"), [scaleOut(1), ...rmPod("web-2")])).toMatchObject({
      verdict: "Done",
    });
    expect(shop.cluster.replicas("web")).toBe(5);
    expect(shop.cluster.annotations("web-2")).toEqual({});
  });

  it("leaves pods that a budget keeps, removes the others, and says so", async () => {
    shop.cluster.api.faults.rejectNext(1, { status: 429, filter: ({ path }) => path.endsWith("web-2/eviction") });
    const execution = await shop.run(shop.fit(), shop.seen("web"), rmPod("web-2", "web-4"));
    expect(execution).toMatchObject({ verdict: "Done", message: expect.stringContaining("web-2: ") });
    await shop.cluster.settle();
    expect(shop.cluster.podNames("web")).toEqual(["web-1", "web-2", "web-3", "web-5"]);
  });

  it("does nothing where a budget keeps all of them", async () => {
    shop.cluster.api.faults.rejectNext(2, { status: 429, filter: ({ path }) => path.endsWith("/eviction") });
    expect(await shop.run(shop.fit(), shop.seen("web"), rmPod("web-2", "web-4"))).toMatchObject({ verdict: "Refused" });
    expect([shop.cluster.replicas("web"), shop.cluster.annotations("web-2")]).toEqual([5, {}]);
  });

  it("waits while another pod is not ready, which would go in its place", async () => {
    await shop.cluster.setReady("web-1", false);
    const execution = await shop.run(shop.fit(), shop.seen("web"), rmPod("web-2"));
    expect(execution).toMatchObject({ verdict: "Refused", message: expect.stringContaining("web-1 is not ready") });
    expect(shop.cluster.replicas("web")).toBe(5);
  });

  it("waits for the end of a rollout", async () => {
    await shop.cluster.patch(resources.pod, "web-1", { metadata: { labels: { "pod-template-hash": "b" } } });
    expect((await shop.run(shop.fit(), shop.seen("web"), rmPod("web-2"))).message).toContain("a rollout is under way");
  });

  it("does nothing where a pod that it names has gone meanwhile", async () => {
    const seen = shop.seen("web");
    await shop.cluster.remove("web-2");
    expect(await shop.run(shop.fit(), seen, rmPod("web-2"))).toMatchObject({ verdict: "Outdated" });
    expect(shop.cluster.replicas("web")).toBe(5);
  });

  it("takes its marks off again, and leaves the costs that there were, where replicas cannot be lowered", async () => {
    await shop.cluster.patch(resources.pod, "web-2", { metadata: { annotations: { [cost]: "7" } } });
    const execution = await shop.run(
      shop.fit({ over: failing(3, "refused") }),
      shop.seen("web"),
      rmPod("web-2", "web-4"),
    );
    expect(execution).toMatchObject({ verdict: "RolledBack", message: expect.stringContaining("not allowed") });
    expect(shop.cluster.replicas("web")).toBe(5);
    expect([shop.cluster.annotations("web-2"), shop.cluster.annotations("web-4")]).toEqual([{ [cost]: "7" }, {}]);
  });

  it("leaves nothing that the next leader does not tidy, wherever its process dies", async () => {
    for (const at of [0, 1, 2, 3]) {
      shop = new Workshop();
      await shop.cluster.deploy("web", { replicas: 3 });
      const dying = shop.fit({ over: failing(at, "killed") });
      void dying.actor.execute(shop.seen("web"), rmPod("web-1", "web-2"), 0);
      await shop.cluster.pass(75);
      await shop.cluster.settle();
      await tidy(shop);
      expect(shop.cluster.podNames("web")).toEqual(at < 3 ? ["web-1", "web-2", "web-3"] : ["web-3"]);
      for (const name of shop.cluster.podNames("web")) expect(shop.cluster.annotations(name)).toEqual({});
    }
  });
});

/** As a new leader does. */
async function tidy({ cluster }: Workshop): Promise<void> {
  const left = [...cluster.api.store.all("pods")].flatMap((raw) => markedPods.transform(raw) ?? []);
  const janitor = new Janitor({ values: () => left.values() }, shop.fit().marker, silentLogger);
  await cluster.until(janitor.clean(cluster.clock.wallMs()));
}
