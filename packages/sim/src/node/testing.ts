import { seededRng, type VirtualClock } from "@walras/kit";

import type { JsonMap, KubeObject } from "../apiserver/index.ts";
import { mapsOf } from "../apiserver/objects/model.ts";
import { type TestServer, testServer } from "../apiserver/testing.ts";
import { StoreWriter } from "../cluster/storeWriter.ts";
import { Kubelet } from "./kubelet.ts";
import type { KubeletOptions } from "./kubeletPorts.ts";
import { Machine } from "./machine.ts";

const layout = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
/** The node of the bed. */
export const facts = {
  name: "n1",
  cores: 4,
  allocatableMilli: 4000,
  memoryBytes: 8 * 2 ** 30,
  layout,
  bootId: "b",
  address: "192.0.2.1",
  podNetwork: "10.244.1",
  labels: {},
};

/** A kubelet on a machine of its own, and what tests do with it most. */
export interface Bed {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  /** Makes a pod and waits until it runs. */
  readonly pod: (name: string, cpu: Cpu | readonly Cpu[], extra?: Extra) => Promise<KubeObject>;
  readonly resize: (name: string, cpu: Cpu | readonly Cpu[]) => Promise<KubeObject>;
  readonly remove: (name: string) => Promise<KubeObject>;
  readonly read: (name: string) => Promise<KubeObject>;
  readonly events: () => Promise<readonly JsonMap[]>;
  /** Of its containers, in cores. */
  readonly quotas: (name: string) => readonly number[];
}

type BedOptions = Pick<KubeletOptions, "staticCpuManager" | "delays">;
type Cpu = readonly [request: number, limit?: number];
/** What a pod has beside CPU. */
interface Extra {
  readonly guaranteed?: boolean;
  readonly metadata?: object;
  readonly spec?: object;
  readonly container?: object;
}

const pods = "/api/v1/namespaces/default/pods";
/** Milliseconds after which nothing is under way. */
export const settled = 1000;

function resourcesOf([request, limit]: Cpu, guaranteed: boolean): object {
  const memory = guaranteed ? { memory: "64Mi" } : {};
  const limits = limit === undefined ? {} : { limits: { cpu: `${limit}m`, ...memory } };
  return { requests: { cpu: `${request}m`, ...memory }, ...limits };
}

function several(cpu: Cpu | readonly Cpu[]): readonly Cpu[] {
  return typeof cpu[0] === "number" ? [cpu as Cpu] : (cpu as readonly Cpu[]);
}

function containers(cpu: Cpu | readonly Cpu[], { guaranteed = false, container = {} }: Extra): object[] {
  return several(cpu).map((one, index) => ({
    name: `c${index}`,
    image: "app:1",
    resources: resourcesOf(one, guaranteed),
    ...container,
  }));
}

function startKubelet({ server, clock }: TestServer, options: BedOptions): Pick<Bed, "machine" | "kubelet"> {
  const machine = new Machine({ cores: 4, allocatableMilli: 4000, layout });
  const rng = seededRng(3);
  const writer = new StoreWriter({ store: server.store, clock, rng });
  const kubelet = new Kubelet({ facts, writer, runtime: machine, clock, rng, seed: 1, ...options });
  server.store.onChange(({ type, collection, object }) => {
    if (collection !== "pods" || object.spec?.["nodeName"] !== "n1") return;
    if (type === "DELETED") kubelet.podGone(object.metadata.uid ?? "");
    else kubelet.podChanged(object);
  });
  return { machine, kubelet };
}

/** A node whose API server knows no Node object, so that only the kubelet judges capacity. */
export async function bed(options: BedOptions = {}): Promise<Bed> {
  const test = testServer();
  const { clock } = test;
  const { machine, kubelet } = startKubelet(test, options);
  const guaranteedPods = new Set<string>();
  return {
    clock,
    machine,
    kubelet,
    pod: async (name, cpu, extra = {}) => {
      if (extra.guaranteed) guaranteedPods.add(name);
      const spec = { nodeName: "n1", containers: containers(cpu, extra), ...extra.spec };
      await test.create(pods, { metadata: { name, ...extra.metadata }, spec });
      await clock.advance(settled);
      return test.get(`${pods}/${name}`);
    },
    resize: (name, cpu) => {
      const spec = {
        containers: several(cpu).map((one, index) => ({
          name: `c${index}`,
          resources: resourcesOf(one, guaranteedPods.has(name)),
        })),
      };
      return test.patch(`${pods}/${name}/resize`, { spec }, "strategic");
    },
    remove: (name) => test.remove(`${pods}/${name}`),
    read: (name) => test.get(`${pods}/${name}`),
    events: async () => mapsOf((await test.get("/api/v1/namespaces/default/events"))["items"]),
    quotas: (name) =>
      machine
        .truth()
        .filter(({ pod }) => pod === name)
        .map(({ market }) => market.quotaCores),
  };
}

export function condition(pod: KubeObject, type: string): JsonMap | undefined {
  return mapsOf(pod.status?.["conditions"]).find((one) => one["type"] === type);
}

/** What its containers have, by its status. */
export function actual(pod: KubeObject): unknown[] {
  return mapsOf(pod.status?.["containerStatuses"]).map((status) => status["resources"]);
}
