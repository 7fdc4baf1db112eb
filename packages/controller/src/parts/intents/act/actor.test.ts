import { KubeError, type KubeTransport } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import type { Action } from "../decide/snapshot.ts";
import type { SeenIntent } from "../loop/ports.ts";
import { deployments } from "../testing/cluster.ts";
import { failing, isWrite, rmPod, scaleCpu, scaleOut, Workshop } from "./testing.ts";

let shop: Workshop;

beforeEach(() => {
  shop = new Workshop();
});

describe("scaleOut", () => {
  beforeEach(() => shop.cluster.deploy("web", { replicas: 2 }));

  it("adds replicas through the scale subresource", async () => {
    const calls: string[] = [];
    const over = (own: KubeTransport): KubeTransport => ({
      stream: (request) => own.stream(request),
      send: (request) => {
        if (isWrite(request)) calls.push(`${request.method} ${request.path}`);
        return own.send(request);
      },
    });
    expect(await shop.run(shop.fit({ over }), shop.seen("web"), [scaleOut(3)])).toEqual({
      verdict: "Done",
      message: "scaleOut",
    });
    expect(shop.cluster.replicas("web")).toBe(5);
    expect(calls).toEqual(["PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale"]);
  });

  it("is taken back as a whole", async () => {
    const fitted = shop.fit();
    await shop.run(fitted, shop.seen("web"), [scaleOut(3)]);
    expect(await shop.revert(fitted, "web")).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.replicas("web")).toBe(2);
    expect(await shop.revert(fitted, "web")).toBeNull();
  });

  it("is not taken back over what somebody has set since", async () => {
    const fitted = shop.fit();
    await shop.run(fitted, shop.seen("web"), [scaleOut(3)]);
    await shop.cluster.patch(deployments, "web", { spec: { replicas: 9 } });
    expect(await shop.revert(fitted, "web")).toMatchObject({
      verdict: "LeftHalfDone",
      message: expect.stringContaining("9 replicas"),
    });
    expect(shop.cluster.replicas("web")).toBe(9);
  });

  it("is done once where its answer was lost", async () => {
    const execution = await shop.run(shop.fit({ over: failing(1, "unanswered") }), shop.seen("web"), [scaleOut(1)]);
    expect(execution.verdict).toBe("Done");
    expect(shop.cluster.replicas("web")).toBe(3);
  });

  it("does nothing where the workload was changed since it was looked at", async () => {
    const seen = shop.seen("web");
    await shop.cluster.patch(deployments, "web", { spec: { replicas: 4 } });
    expect(await shop.run(shop.fit(), seen, [scaleOut(1)])).toMatchObject({ verdict: "Outdated" });
    expect(shop.cluster.replicas("web")).toBe(4);
  });

  it("does nothing where the workload is another one of the same name", async () => {
    const seen = shop.seen("web");
    const path = "/apis/apps/v1/namespaces/shop/deployments/web";
    await shop.cluster.kubectl.send({ method: "DELETE", path });
    await shop.cluster.deploy("web", { replicas: 2 });
    expect(await shop.run(shop.fit(), seen, [scaleOut(1)])).toMatchObject({ verdict: "Outdated" });
    expect(shop.cluster.replicas("web")).toBe(2);
  });

  it("says that the target is gone", async () => {
    const seen = shop.seen("web");
    const over = (own: KubeTransport): KubeTransport => ({
      stream: (request) => own.stream(request),
      send: async (request) => {
        const path = "/apis/apps/v1/namespaces/shop/deployments/web";
        if (request.path.endsWith("/scale")) await shop.cluster.kubectl.send({ method: "DELETE", path });
        return own.send(request);
      },
    });
    const execution = await shop.run(shop.fit({ over }), seen, [scaleOut(1)]);
    expect(execution).toMatchObject({ verdict: "Outdated", message: expect.stringContaining("not there any more") });
  });

  it("is nothing for a replica that does not lead", async () => {
    shop.leads = false;
    expect(await shop.run(shop.fit(), shop.seen("web"), [scaleOut(1)])).toEqual({
      verdict: "Outdated",
      message: "this replica does not lead",
    });
    expect(shop.cluster.replicas("web")).toBe(2);
  });

  it("does not go beyond max_pods", async () => {
    const fitted = shop.fit({ actuators: { scaleOut: { max_pods: 3 } } });
    expect(await shop.run(fitted, shop.seen("web"), [scaleOut(2)])).toMatchObject({ verdict: "Refused" });
    expect(shop.cluster.replicas("web")).toBe(2);
  });

  it.each([
    ["HorizontalPodAutoscaler", "replicas", [scaleOut(1)], 2],
    ["ScaledObject", "replicas", rmPod("web-1"), 2],
    ["VerticalPodAutoscaler", "cpu", [scaleCpu(700)], 2],
  ] as const)("is left to a %s that decides about its %s", async (kind, of, plan, left) => {
    shop.rivals = [{ kind, name: "shop/other", of }];
    const execution = await shop.run(shop.fit(), shop.seen("web"), plan);
    expect(execution).toEqual({ verdict: "Conflict", message: `${kind} shop/other decides about its ${of}` });
    expect(shop.cluster.replicas("web")).toBe(left);
  });

  it("is not kept from it by who decides about something else", async () => {
    shop.rivals = [{ kind: "VerticalPodAutoscaler", name: "shop/other", of: "cpu" }];
    expect(await shop.run(shop.fit(), shop.seen("web"), [scaleOut(1)])).toMatchObject({ verdict: "Done" });
  });

  it("cools down, and what was refused for longer each time; giving back does not wait", async () => {
    const fitted = shop.fit();
    await shop.run(fitted, shop.seen("web"), [scaleOut(1)]);
    await shop.cluster.clock.advance(10_000);
    expect(await shop.run(fitted, shop.seen("web"), [scaleOut(1)])).toMatchObject({ verdict: "CoolingDown" });
    await shop.cluster.settle();
    expect((await shop.run(fitted, shop.seen("web"), rmPod("web-1"))).verdict).toBe("Done");
  });

  it("does not wait for what is foreseen, but for what was refused", async () => {
    const seen = (): SeenIntent => shop.seen("web");
    const fitted = shop.fit();
    await shop.run(fitted, seen(), [scaleOut(1)]);
    expect(fitted.actor.obstacleTo(seen(), [scaleOut(1)], shop.cluster.clock.wallMs())).not.toBeNull();
    expect(fitted.actor.obstacleTo(seen(), [scaleOut(1)], shop.cluster.clock.wallMs(), true)).toBeNull();
    const refused = shop.fit({ over: failing(1, "refused") });
    await shop.run(refused, seen(), [scaleOut(1)]);
    expect(refused.actor.obstacleTo(seen(), [scaleOut(1)], shop.cluster.clock.wallMs(), true)).toMatchObject({
      verdict: "CoolingDown",
    });
  });
});

describe("a plan of several actions", () => {
  beforeEach(() => shop.cluster.deploy("web", { replicas: 2 }));

  it("is undone, last first, where one of them fails", async () => {
    const plan = [scaleOut(1), scaleCpu(700)];
    const fitted = shop.fit({ over: failing(3, "refused") });
    expect(await shop.run(fitted, shop.seen("web"), plan)).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.replicas("web")).toBe(2);
    expect(shop.cpuOf("web")).toEqual(["500m/1", "500m/1"]);
  });

  it("gives CPU before pods go that it makes up for", async () => {
    const paths: string[] = [];
    const over = (own: KubeTransport): KubeTransport => ({
      stream: (request) => own.stream(request),
      send: (request) => {
        if (isWrite(request)) paths.push(request.path);
        return own.send(request);
      },
    });
    const fitted = shop.fit({ over });
    expect((await shop.run(fitted, shop.seen("web"), [...rmPod("web-1"), scaleCpu(1_200)])).verdict).toBe("Done");
    const isAbout = (what: string): boolean[] => paths.map((path) => path.endsWith(what));
    expect(isAbout("/resize").lastIndexOf(true)).toBeLessThan(isAbout("/scale").indexOf(true));
    expect(isAbout("/resize")).toContain(true);
    expect(shop.cpuOf("web")[0]).toMatch(/^1200m/);
  });

  it("says what it could not undo", async () => {
    const writes = { writes: 0 };
    const over = (own: KubeTransport): KubeTransport => ({
      stream: (request) => own.stream(request),
      send: (request) => {
        if (isWrite(request)) writes.writes += 1;
        if (isWrite(request) && writes.writes > 1)
          return Promise.reject(new KubeError("not allowed", { status: 403, reason: "Forbidden" }));
        return own.send(request);
      },
    });
    const execution = await shop.run(shop.fit({ over }), shop.seen("web"), [scaleOut(1), scaleCpu(700)]);
    expect(execution).toMatchObject({ verdict: "LeftHalfDone", message: expect.stringContaining("not undone") });
  });

  it("is done to the end by whoever leads: who is deposed in the middle writes nothing more", async () => {
    const fitted = shop.fit({
      over: (own) => ({
        stream: (request) => own.stream(request),
        send: async (request) => {
          const answer = await own.send(request);
          if (isWrite(request)) shop.leads = false;
          return answer;
        },
      }),
    });
    const execution = await shop.run(fitted, shop.seen("web"), [scaleOut(1), scaleCpu(700)]);
    expect(execution).toMatchObject({ verdict: "LeftHalfDone", message: expect.stringContaining("does not lead") });
    expect([shop.cluster.replicas("web"), shop.cpuOf("web")]).toEqual([3, ["500m/1", "500m/1"]]);
  });

  it("gives an action that is not ours to the actuator that has registered for it", async () => {
    const performed: Action[][] = [];
    const foreign = {
      knows: (name: string) => name === "profileCPU",
      perform: (_: SeenIntent, plan: readonly Action[]) => {
        performed.push([...plan]);
        return Promise.resolve();
      },
    };
    const plan = [{ name: "profileCPU", properties: { id: 2 } }, scaleOut(1)];
    expect(await shop.run(shop.fit({ foreign }), shop.seen("web"), plan)).toMatchObject({ verdict: "Done" });
    expect([performed, shop.cluster.replicas("web")]).toEqual([[plan.slice(0, 1)], 3]);
  });

  it("is refused before anything is done where an action is nobody's", async () => {
    const plan = [scaleOut(1), { name: "configureRDT", properties: { option: "COS1" } }];
    expect(await shop.run(shop.fit(), shop.seen("web"), plan)).toEqual({
      verdict: "Refused",
      message: "no actuator configureRDT is here",
    });
    expect(shop.cluster.replicas("web")).toBe(2);
  });
});
