import { mergePatch, resizePod, resources } from "@walras/kube";
import { inProcessTransport, type KubeObject, serveKind } from "@walras/sim/apiserver";
import { afterEach, describe, expect, it } from "vitest";

import { Life } from "./crash/life.ts";

let life: Life | undefined;
const patience = { timeout: 20_000, interval: 100 };

afterEach(async () => {
  await life?.end();
});

/** A pod of Deployment "cart" that declares 200m/400m; by its least CPU the market would have it request more at once. */
function cart(
  name: string,
  cores: number,
  containers: readonly string[] = ["app"],
  cpu = { requests: "200m", limits: "400m", least: "600m" },
): object {
  const amounts = (quantity: string): object => ({ cpu: quantity, memory: "64Mi" });
  const load = { parallelism: 2, demand: { kind: "constant", cores } };
  return {
    name,
    node: "a",
    labels: { "pod-template-hash": "7d9f" },
    annotations: { "mbcas.io/min-cpu": cpu.least },
    containers: containers.map((one) => ({
      name: one,
      requests: amounts(cpu.requests),
      limits: amounts(cpu.limits),
      load,
    })),
  };
}

const ownerReferences = [
  { apiVersion: "apps/v1", kind: "ReplicaSet", name: "cart-7d9f", uid: "rs-uid", controller: true },
];

/** A controller over these pods, all of which a ReplicaSet of the Deployment "cart" controls. */
async function begin(
  pods: readonly object[],
  first: (client: Client) => Promise<void> = async () => {},
  node: object = {},
): Promise<Client> {
  const names = pods.map((pod) => (pod as { name: string }).name);
  const scenario = { name: "owners", nodes: [{ name: "a", ...node }], pods };
  life = await Life.begin(scenario, ["--mode=full"], undefined, async (cluster, one) => {
    const client = new Client(one);
    await expect
      .poll(() => names.every((name) => client.pod(name).status?.["phase"] === "Running"), patience)
      .toBe(true);
    for (const name of names) await client.patch(name, { ownerReferences });
    await first(client);
    for (const name of names) await client.patch(name, { labels: { "mbcas.io/managed": "true" } });
    expect(cluster.nodes).toHaveLength(1);
  });
  return new Client(life);
}

interface Cpu {
  readonly request: string | undefined;
  readonly limit: string | undefined;
}

/** What an owner does, and what is seen. */
class Client {
  readonly #life: Life;

  constructor(of: Life) {
    this.#life = of;
  }

  pod(name: string): KubeObject {
    const found = this.#life.cluster.api.store.get("pods", "default", name);
    if (!found) throw new Error(`no pod ${name}`);
    return found;
  }

  cpu(name: string, index = 0): Cpu {
    const containers = this.pod(name).spec?.["containers"] as {
      resources: { requests?: { cpu?: string }; limits?: { cpu?: string } };
    }[];
    const { requests, limits } = containers[index]?.resources ?? {};
    return { request: requests?.cpu, limit: limits?.cpu };
  }

  status(name: string): { reason?: string; message?: string } {
    return this.#allocation(name)?.status ?? {};
  }

  declared(name: string): Cpu {
    const [first] = (this.#allocation(name)?.spec?.["containers"] ?? []) as readonly Record<string, string>[];
    return { request: first?.["declaredCPURequest"], limit: first?.["declaredCPULimit"] };
  }

  events(reason: string): readonly unknown[] {
    const events = [...this.#life.cluster.api.store.all("events")] as { reason?: string; message?: string }[];
    return events.filter((event) => event.reason === reason).map(({ message }) => message);
  }

  async patch(name: string, metadata: object): Promise<void> {
    await mergePatch(this.#transport, { resource: resources.pod, name: { namespace: "default", name } }, { metadata });
  }

  async resize(name: string, requestMilli: number, limitMilli: number): Promise<void> {
    const uid = this.pod(name).metadata.uid ?? "";
    const target = { namespace: "default", name, uid };
    await resizePod(this.#transport, target, [{ name: "app", requestMilli, limitMilli }], "kubectl-patch");
  }

  async autoscale(metrics: readonly object[]): Promise<void> {
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "cart" };
    const path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
    const spec = { scaleTargetRef, minReplicas: 1, maxReplicas: 5, metrics };
    const body = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: { name: "cart" }, spec };
    await this.#transport.send({ method: "POST", path, body });
  }

  serveVertical(): Promise<void> {
    return serveKind(this.#transport, { group: "autoscaling.k8s.io", kind: "VerticalPodAutoscaler" });
  }

  async sizeVertically(updateMode: string): Promise<void> {
    const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "cart" };
    const body = {
      apiVersion: "autoscaling.k8s.io/v1",
      kind: "VerticalPodAutoscaler",
      metadata: { name: "cart" },
      spec: { targetRef, updatePolicy: { updateMode } },
    };
    const path = "/apis/autoscaling.k8s.io/v1/namespaces/default/verticalpodautoscalers";
    await this.#transport.send({ method: "POST", path, body });
  }

  get #transport(): ReturnType<typeof inProcessTransport> {
    return inProcessTransport(this.#life.cluster.api, "kubectl");
  }

  #allocation(name: string): KubeObject | undefined {
    return this.#life.cluster.api.store.get("podallocations.allocation.mbcas.io", "default", `default-${name}`);
  }
}

const utilization = { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } };

describe("beside a HorizontalPodAutoscaler", { timeout: 60_000 }, () => {
  it("by CPU utilisation the request stays, and the limit is managed", async () => {
    const client = await begin([cart("hungry", 1.5)], (one) =>
      one.autoscale([{ type: "Resource", resource: utilization }]),
    );
    await expect.poll(() => client.status("hungry").reason, patience).toBe("RequestKept");
    const message = "HorizontalPodAutoscaler default/cart divides by its CPU request: only its limit is managed";
    expect(client.status("hungry").message).toBe(message);
    await expect.poll(() => client.cpu("hungry").limit, patience).not.toBe("400m");
    expect(client.cpu("hungry").request).toBe("200m");
    await expect.poll(() => client.events("MarketKeepsRequest"), patience).toEqual([message]);
  });

  it("that looks at one container, that container's request stays", async () => {
    const metric = { type: "ContainerResource", containerResource: { ...utilization, container: "app" } };
    const client = await begin([cart("two", 0.1, ["app", "proxy"])], (one) => one.autoscale([metric]));
    await expect.poll(() => client.cpu("two", 1).request, patience).toBe("300m");
    expect(client.cpu("two").request).toBe("200m");
  });

  it("that comes later, the request is back where it was declared", async () => {
    const client = await begin([cart("idle", 0.01)]);
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
    await client.autoscale([{ type: "Resource", resource: utilization }]);
    await expect.poll(() => client.cpu("idle").request, patience).toBe("200m");
  });

  it("by an average value, requests are sized as everywhere", async () => {
    const resource = { name: "cpu", target: { type: "AverageValue", averageValue: "100m" } };
    const client = await begin([cart("idle", 0.01)], (one) => one.autoscale([{ type: "Resource", resource }]));
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
    expect(client.status("idle").reason).not.toBe("RequestKept");
  });
});

describe("beside a VerticalPodAutoscaler", { timeout: 60_000 }, () => {
  it("that acts on pods, a pod has what it declared and is left alone, and what is set there stays", async () => {
    const client = await begin([cart("idle", 0.01)], (one) => one.serveVertical());
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
    await client.sizeVertically("InPlaceOrRecreate");
    await expect.poll(() => client.status("idle").reason, patience).toBe("UnderVpa");
    await expect.poll(() => client.cpu("idle"), patience).toEqual({ request: "200m", limit: "400m" });
    await client.resize("idle", 150, 300);
    await expect.poll(() => client.declared("idle"), patience).toEqual({ request: "150m", limit: "300m" });
    expect(client.cpu("idle")).toEqual({ request: "150m", limit: "300m" });
    expect(client.events("MarketLeavesAlone")).toEqual([
      "VerticalPodAutoscaler default/cart (updateMode InPlaceOrRecreate) sets the CPU of container app",
    ]);
  });

  it.each(["Off", "Initial"])("in mode %s, pods are sized as everywhere", async (mode) => {
    const client = await begin([cart("idle", 0.01)], async (one) => {
      await one.serveVertical();
      await one.sizeVertically(mode);
    });
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
  });
});

describe("an owner's own resize", { timeout: 60_000 }, () => {
  it("is the new declared: told, on record, and given back by whoever leads when the pod opts out", async () => {
    const client = await begin([cart("idle", 0.01)]);
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
    await client.resize("idle", 800, 1600);
    await expect.poll(() => client.declared("idle"), patience).toEqual({ request: "800m", limit: "1600m" });
    await expect
      .poll(() => client.events("MarketRedeclared"), patience)
      .toEqual(["resized by kubectl-patch: container app has request 800m, limit 1600m as declared from now on"]);
    life?.mortal?.kill();
    await expect.poll(() => life?.lives, patience).toBe(2);
    await expect.poll(() => life?.mortal !== undefined, patience).toBe(true);
    expect(client.declared("idle")).toEqual({ request: "800m", limit: "1600m" });
    await client.patch("idle", { labels: { "mbcas.io/managed": "false" } });
    await expect.poll(() => client.cpu("idle"), patience).toEqual({ request: "800m", limit: "1600m" });
    expect(client.events("MarketRedeclared")).toHaveLength(1);
  });

  it("made while nobody leads is known to whoever leads next", async () => {
    const client = await begin([cart("idle", 0.01)]);
    await expect.poll(() => client.cpu("idle").request, patience).toBe("600m");
    life?.mortal?.kill();
    await client.resize("idle", 300, 700);
    await expect.poll(() => client.declared("idle"), patience).toEqual({ request: "300m", limit: "700m" });
  });

  it("that the node calls infeasible is taken back, told, and not declared", async () => {
    const pinned = cart("pinned", 0.01, ["app"], { requests: "1", limits: "1", least: "2" });
    const client = await begin([pinned], undefined, { staticCpuManager: true });
    await expect.poll(() => client.status("pinned").reason, patience).toBe("StaticManager");
    await expect.poll(() => client.cpu("pinned"), patience).toEqual({ request: "1", limit: "1" });
    await client.resize("pinned", 2000, 2000);
    expect(client.cpu("pinned")).toEqual({ request: "2", limit: "2" });
    await expect.poll(() => client.cpu("pinned"), patience).toEqual({ request: "1", limit: "1" });
    await expect.poll(() => client.status("pinned").reason, patience).toBe("StaticManager");
    expect([client.declared("pinned"), client.events("MarketRedeclared")]).toEqual([{ request: "1", limit: "1" }, []]);
  });
});
