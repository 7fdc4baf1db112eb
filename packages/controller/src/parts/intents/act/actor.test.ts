import { silentLogger } from "@walras/kit";
import { KubeError, type KubeRequest, type KubeTransport, resources } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import type { SeenIntent } from "../loop/ports.ts";
import type { Execution } from "../loop/execution.ts";
import { deployments } from "../testing/cluster.ts";
import type { Action } from "../decide/snapshot.ts";
import type { FittedActor } from "./fit.ts";
import { Janitor, markedPods } from "./janitor.ts";
import { rmPod, scaleCpu, scaleOut, Workshop } from "./testing.ts";

let shop: Workshop;
const cost = "controller.kubernetes.io/pod-deletion-cost";
const isWrite = ({ method, query }: KubeRequest): boolean => method !== "GET" && query?.["dryRun"] === undefined;

beforeEach(() => {
  shop = new Workshop();
});

function run({ actor }: FittedActor, seen: SeenIntent, plan: readonly Action[]): Promise<Execution> {
  return shop.cluster.until(actor.execute(seen, plan, shop.cluster.clock.wallMs()));
}

/** Fails the nth write: after it was done or instead of it. */
function failing(at: number, how: "refused" | "unanswered" | "killed", seen = { writes: 0 }) {
  return (own: KubeTransport): KubeTransport => ({
    stream: (request) => own.stream(request),
    send: async (request) => {
      if (!isWrite(request)) return own.send(request);
      seen.writes += 1;
      if (how === "killed" && seen.writes > at) return new Promise<never>(() => undefined);
      if (how === "refused" && seen.writes === at)
        throw new KubeError("not allowed", { status: 403, reason: "Forbidden" });
      const answer = await own.send(request);
      if (how === "unanswered" && seen.writes === at) throw new KubeError("no answer", { status: 0, reason: "" });
      return answer;
    },
  });
}

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
    expect(await run(shop.fit({ over }), shop.seen("web"), [scaleOut(3)])).toEqual({
      verdict: "Done",
      message: "scaleOut",
    });
    expect(shop.cluster.replicas("web")).toBe(5);
    expect(calls).toEqual(["PATCH /apis/apps/v1/namespaces/shop/deployments/web/scale"]);
  });

  it("is taken back as a whole", async () => {
    const fitted = shop.fit();
    await run(fitted, shop.seen("web"), [scaleOut(3)]);
    expect(await shop.cluster.until(fitted.actor.revert("shop/web"))).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.replicas("web")).toBe(2);
    expect(await fitted.actor.revert("shop/web")).toBeNull();
  });

  it("is not taken back over what somebody has set since", async () => {
    const fitted = shop.fit();
    await run(fitted, shop.seen("web"), [scaleOut(3)]);
    await shop.cluster.patch(deployments, "web", { spec: { replicas: 9 } });
    expect(await shop.cluster.until(fitted.actor.revert("shop/web"))).toMatchObject({
      verdict: "LeftHalfDone",
      message: expect.stringContaining("9 replicas"),
    });
    expect(shop.cluster.replicas("web")).toBe(9);
  });

  it("is done once where its answer was lost", async () => {
    const execution = await run(shop.fit({ over: failing(1, "unanswered") }), shop.seen("web"), [scaleOut(1)]);
    expect(execution.verdict).toBe("Done");
    expect(shop.cluster.replicas("web")).toBe(3);
  });

  it("does nothing where the workload was changed since it was looked at", async () => {
    const seen = shop.seen("web");
    await shop.cluster.patch(deployments, "web", { spec: { replicas: 4 } });
    expect(await run(shop.fit(), seen, [scaleOut(1)])).toMatchObject({ verdict: "Outdated" });
    expect(shop.cluster.replicas("web")).toBe(4);
  });

  it("does nothing where the workload is another one of the same name", async () => {
    const seen = shop.seen("web");
    const path = "/apis/apps/v1/namespaces/shop/deployments/web";
    await shop.cluster.kubectl.send({ method: "DELETE", path });
    await shop.cluster.deploy("web", { replicas: 2 });
    expect(await run(shop.fit(), seen, [scaleOut(1)])).toMatchObject({ verdict: "Outdated" });
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
    const execution = await run(shop.fit({ over }), seen, [scaleOut(1)]);
    expect(execution).toMatchObject({ verdict: "Outdated", message: expect.stringContaining("not there any more") });
  });

  it("is nothing for a replica that does not lead", async () => {
    shop.leads = false;
    expect(await run(shop.fit(), shop.seen("web"), [scaleOut(1)])).toEqual({
      verdict: "Outdated",
      message: "this replica does not lead",
    });
    expect(shop.cluster.replicas("web")).toBe(2);
  });

  it("does not go beyond max_pods", async () => {
    const fitted = shop.fit({ actuators: { scaleOut: { max_pods: 3 } } });
    expect(await run(fitted, shop.seen("web"), [scaleOut(2)])).toMatchObject({ verdict: "Refused" });
    expect(shop.cluster.replicas("web")).toBe(2);
  });

  it.each([
    ["HorizontalPodAutoscaler", "replicas", [scaleOut(1)], 2],
    ["ScaledObject", "replicas", rmPod("web-1"), 2],
    ["VerticalPodAutoscaler", "cpu", [scaleCpu(700)], 2],
  ] as const)("is left to a %s that decides about its %s", async (kind, of, plan, left) => {
    shop.rivals = [{ kind, name: "shop/other", of }];
    const execution = await run(shop.fit(), shop.seen("web"), plan);
    expect(execution).toEqual({ verdict: "Conflict", message: `${kind} shop/other decides about its ${of}` });
    expect(shop.cluster.replicas("web")).toBe(left);
  });

  it("is not kept from it by who decides about something else", async () => {
    shop.rivals = [{ kind: "VerticalPodAutoscaler", name: "shop/other", of: "cpu" }];
    expect(await run(shop.fit(), shop.seen("web"), [scaleOut(1)])).toMatchObject({ verdict: "Done" });
  });

  it("cools down, and what was refused for longer each time; giving back does not wait", async () => {
    const fitted = shop.fit();
    await run(fitted, shop.seen("web"), [scaleOut(1)]);
    await shop.cluster.clock.advance(10_000);
    expect(await run(fitted, shop.seen("web"), [scaleOut(1)])).toMatchObject({ verdict: "CoolingDown" });
    await shop.cluster.settle();
    expect((await run(fitted, shop.seen("web"), rmPod("web-1"))).verdict).toBe("Done");
  });
});

describe("rmPod", () => {
  beforeEach(() => shop.cluster.deploy("web", { replicas: 5 }));

  it("removes exactly the pods that it names, several at once", async () => {
    const plan = rmPod("web-2", "web-4", "web-5");
    expect(await run(shop.fit(), shop.seen("web"), plan)).toMatchObject({ verdict: "Done" });
    await shop.cluster.settle();
    expect(shop.cluster.podNames("web")).toEqual(["web-1", "web-3"]);
  });

  it("is netted with scaleOut", async () => {
    expect(await run(shop.fit(), shop.seen("web"), [scaleOut(1), ...rmPod("web-2")])).toMatchObject({
      verdict: "Done",
    });
    expect(shop.cluster.replicas("web")).toBe(5);
    expect(shop.cluster.annotations("web-2")).toEqual({});
  });

  it("leaves pods that a budget keeps, removes the others, and says so", async () => {
    shop.cluster.api.faults.rejectNext(1, { status: 429, filter: ({ path }) => path.endsWith("web-2/eviction") });
    const execution = await run(shop.fit(), shop.seen("web"), rmPod("web-2", "web-4"));
    expect(execution).toMatchObject({ verdict: "Done", message: expect.stringContaining("web-2: ") });
    await shop.cluster.settle();
    expect(shop.cluster.podNames("web")).toEqual(["web-1", "web-2", "web-3", "web-5"]);
  });

  it("does nothing where a budget keeps all of them", async () => {
    shop.cluster.api.faults.rejectNext(2, { status: 429, filter: ({ path }) => path.endsWith("/eviction") });
    expect(await run(shop.fit(), shop.seen("web"), rmPod("web-2", "web-4"))).toMatchObject({ verdict: "Refused" });
    expect([shop.cluster.replicas("web"), shop.cluster.annotations("web-2")]).toEqual([5, {}]);
  });

  it("waits while another pod is not ready, which would go in its place", async () => {
    await shop.cluster.setReady("web-1", false);
    const execution = await run(shop.fit(), shop.seen("web"), rmPod("web-2"));
    expect(execution).toMatchObject({ verdict: "Refused", message: expect.stringContaining("web-1 is not ready") });
    expect(shop.cluster.replicas("web")).toBe(5);
  });

  it("waits for the end of a rollout", async () => {
    await shop.cluster.patch(resources.pod, "web-1", { metadata: { labels: { "pod-template-hash": "b" } } });
    expect((await run(shop.fit(), shop.seen("web"), rmPod("web-2"))).message).toContain("a rollout is under way");
  });

  it("does nothing where a pod that it names has gone meanwhile", async () => {
    const seen = shop.seen("web");
    await shop.cluster.remove("web-2");
    expect(await run(shop.fit(), seen, rmPod("web-2"))).toMatchObject({ verdict: "Outdated" });
    expect(shop.cluster.replicas("web")).toBe(5);
  });

  it("takes its marks off again, and leaves the costs that there were, where replicas cannot be lowered", async () => {
    await shop.cluster.patch(resources.pod, "web-2", { metadata: { annotations: { [cost]: "7" } } });
    const execution = await run(shop.fit({ over: failing(3, "refused") }), shop.seen("web"), rmPod("web-2", "web-4"));
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

describe("a plan of several actions", () => {
  beforeEach(() => shop.cluster.deploy("web", { replicas: 2 }));

  it("is undone, last first, where one of them fails", async () => {
    const plan = [scaleOut(1), scaleCpu(700)];
    const fitted = shop.fit({ over: failing(3, "refused") });
    expect(await run(fitted, shop.seen("web"), plan)).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.replicas("web")).toBe(2);
    expect(cpuOf("web")).toEqual(["500m/1", "500m/1"]);
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
    const execution = await run(shop.fit({ over }), shop.seen("web"), [scaleOut(1), scaleCpu(700)]);
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
    const execution = await run(fitted, shop.seen("web"), [scaleOut(1), scaleCpu(700)]);
    expect(execution).toMatchObject({ verdict: "LeftHalfDone", message: expect.stringContaining("does not lead") });
    expect([shop.cluster.replicas("web"), cpuOf("web")]).toEqual([3, ["500m/1", "500m/1"]]);
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
    expect(await run(shop.fit({ foreign }), shop.seen("web"), plan)).toMatchObject({ verdict: "Done" });
    expect([performed, shop.cluster.replicas("web")]).toEqual([[plan.slice(0, 1)], 3]);
  });

  it("is refused before anything is done where an action is nobody's", async () => {
    const plan = [scaleOut(1), { name: "configureRDT", properties: { option: "COS1" } }];
    expect(await run(shop.fit(), shop.seen("web"), plan)).toEqual({
      verdict: "Refused",
      message: "no actuator configureRDT is here",
    });
    expect(shop.cluster.replicas("web")).toBe(2);
  });
});

/** "request/limit" of each pod. */
function cpuOf(name: string): string[] {
  return shop.cluster.pods(name).map(({ spec }) => {
    const [container] = spec?.["containers"] as readonly {
      readonly resources: Readonly<Record<"requests" | "limits", Readonly<Record<string, string>> | undefined>>;
    }[];
    return `${container?.resources.requests?.["cpu"]}/${container?.resources.limits?.["cpu"]}`;
  });
}

describe("scaleCPU", () => {
  const bounds = { "mbcas.io/min-cpu": "700m", "mbcas.io/max-cpu": "700m" };

  it("resizes each pod in place where nobody else does, and keeps the template", async () => {
    await shop.cluster.deploy("web", { replicas: 2 });
    expect(await run(shop.fit(), shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect(cpuOf("web")).toEqual(["700m/700m", "700m/700m"]);
    expect(shop.cluster.deployment("web").metadata.generation).toBe(1);
  });

  it("leaves a limit out where the pod has none, and keeps it above the request by the boost", async () => {
    await shop.cluster.deploy("web", { limits: {} });
    await run(shop.fit(), shop.seen("web"), [scaleCpu(700)]);
    expect(cpuOf("web")).toEqual(["700m/undefined"]);
    await shop.cluster.deploy("api");
    await run(shop.fit({ actuators: { scaleCPU: { boost_factor: 2 } } }), shop.seen("api"), [scaleCpu(700)]);
    expect(cpuOf("api")).toEqual(["700m/1400m"]);
  });

  it("only bounds what the market gives to pods that the market sizes", async () => {
    await shop.cluster.deploy("web", { replicas: 2 });
    const fitted = shop.fit({ onMarket: () => true });
    expect(await run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect([cpuOf("web"), shop.cluster.annotations("web-1")]).toEqual([["500m/1", "500m/1"], bounds]);
    expect(await shop.cluster.until(fitted.actor.revert("shop/web"))).toMatchObject({ verdict: "RolledBack" });
    expect(shop.cluster.annotations("web-1")).toEqual({});
  });

  it("resizes by itself where the market was told and has not followed: it does not run any more", async () => {
    await shop.cluster.deploy("web");
    const fitted = shop.fit({ onMarket: () => true });
    await run(fitted, shop.seen("web"), [scaleCpu(700)]);
    await shop.cluster.pass(60);
    await run(fitted, shop.seen("web"), [scaleCpu(700)]);
    expect(cpuOf("web")).toEqual(["700m/700m"]);
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
    expect(await run(shop.fit(), shop.seen("web"), [scaleCpu(700)])).toEqual({
      verdict: "Conflict",
      message: "scaleCPU: CPU of pod web-1 was set by somebody",
    });
    expect(cpuOf("web")).toEqual(["600m/1"]);
  });

  it("changes the template only where in place is refused, and takes that back too", async () => {
    await shop.cluster.deploy("web", { requests: {}, limits: {} });
    const fitted = shop.fit();
    expect(await run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "Done" });
    expect([cpuOf("web"), templateCpu()]).toEqual([["undefined/undefined"], { requests: "700m", limits: "700m" }]);
    await shop.cluster.until(fitted.actor.revert("shop/web"));
    expect(templateCpu()).toEqual({ requests: undefined, limits: undefined });
  });

  it("takes back what it has resized where a pod is refused in the middle", async () => {
    await shop.cluster.deploy("web", { replicas: 3 });
    const fitted = shop.fit({ over: failing(2, "refused") });
    expect(await run(fitted, shop.seen("web"), [scaleCpu(700)])).toMatchObject({ verdict: "RolledBack" });
    expect(cpuOf("web")).toEqual(["500m/1", "500m/1", "500m/1"]);
  });
});

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly containers: readonly { readonly resources?: Readonly<Record<string, Amounts>> }[] };
}
type Amounts = Readonly<Record<string, string>> | undefined;

function template(): Template {
  return shop.cluster.deployment("web").spec?.["template"] as unknown as Template;
}

function templateCpu(): { readonly requests: string | undefined; readonly limits: string | undefined } {
  const { requests, limits } = template().spec.containers[0]?.resources ?? {};
  return { requests: requests?.["cpu"], limits: limits?.["cpu"] };
}

describe("classes of cache and power profiles", () => {
  const profiles = ["None", "power.intel.com/balance-power1", "power.intel.com/performance1"];
  const actuators = {
    configureRDT: { annotation_name: "rdt.resources.beta.kubernetes.io/pod" },
    setPowerProfile: { options: profiles, step_down: 1 },
  };
  const rdt = (option: string): Action => ({ name: "configureRDT", properties: { option } });
  const power = (profile: string): Action => ({ name: "setPowerProfile", properties: { profile } });

  beforeEach(() => shop.cluster.deploy("web", { requests: { cpu: "1500m" }, limits: { cpu: "1500m" } }));

  it("are an annotation of the template, and none for None", async () => {
    const fitted = shop.fit({ actuators });
    expect(await run(fitted, shop.seen("web"), [rdt("COS1")])).toMatchObject({ verdict: "Done" });
    expect(template().metadata?.annotations).toEqual({ "rdt.resources.beta.kubernetes.io/pod": "COS1" });
    await shop.cluster.pass(60);
    await run(fitted, shop.seen("web"), [rdt("None")]);
    expect(template().metadata?.annotations ?? {}).toEqual({});
  });

  it("are an extended resource of as many as there are cores, in place of the one before", async () => {
    const fitted = shop.fit({ actuators });
    for (const profile of profiles.slice(1)) {
      expect(await run(fitted, shop.seen("web"), [power(profile)])).toMatchObject({ verdict: "Done" });
      const { requests, limits } = template().spec.containers[0]?.resources ?? {};
      expect([requests, limits]).toEqual([
        { cpu: "1500m", [profile]: "2" },
        { cpu: "1500m", [profile]: "2" },
      ]);
      await shop.cluster.pass(60);
    }
    await shop.cluster.until(fitted.actor.revert("shop/web"));
    expect(template().spec.containers[0]?.resources?.["requests"]).toEqual({ cpu: "1500m", [profiles[1] ?? ""]: "2" });
  });

  it("are refused where they are none of the options", async () => {
    expect(await run(shop.fit({ actuators }), shop.seen("web"), [rdt("COS9")])).toMatchObject({ verdict: "Refused" });
  });

  it("are left where somebody has changed the template since", async () => {
    const fitted = shop.fit({ actuators });
    await run(fitted, shop.seen("web"), [rdt("COS1")]);
    await shop.cluster.patch(deployments, "web", { spec: { template: { metadata: { annotations: { by: "me" } } } } });
    expect(await shop.cluster.until(fitted.actor.revert("shop/web"))).toMatchObject({ verdict: "LeftHalfDone" });
    expect(template().metadata?.annotations).toMatchObject({ by: "me" });
  });
});
