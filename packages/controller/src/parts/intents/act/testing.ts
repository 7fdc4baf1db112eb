import { seededRng, silentLogger } from "@walras/kit";
import { KubeError, type KubeRequest, type KubeTransport, WriteQueue } from "@walras/kube";

import { gatedWrites } from "../../../base/access/gate.ts";
import { readActuators } from "../config/actuators.ts";
import type { Action } from "../decide/snapshot.ts";
import type { Execution } from "../loop/execution.ts";
import type { Rival, SeenIntent, SeenTarget } from "../loop/ports.ts";
import { WorkloadCluster } from "../testing/cluster.ts";
import { type FittedActor, fitActor } from "./fit.ts";
import { type ForeignActuators, noForeignActuators } from "./ports.ts";

interface PodSpec {
  readonly containers: readonly { readonly resources?: Readonly<Record<string, Amounts>> }[];
}

type Amounts = Readonly<Record<string, string>> | undefined;

/** A pod template, as far as tests look at it. */
interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export function isWrite({ method, query }: KubeRequest): boolean {
  return method !== "GET" && query?.["dryRun"] === undefined;
}

/** Fails the nth write: after it was done or instead of it. */
export function failing(at: number, how: "refused" | "unanswered" | "killed", seen = { writes: 0 }) {
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

/** What a test changes about an actor. */
export interface Fitting {
  readonly over?: (transport: KubeTransport) => KubeTransport;
  readonly foreign?: ForeignActuators;
  readonly actuators?: object;
  readonly onMarket?: (podUid: string) => boolean;
}

/** A cluster with one Deployment, and actors that carry plans out there. */
export class Workshop {
  readonly cluster = new WorkloadCluster();
  leads = true;
  rivals: readonly Rival[] = [];

  fit({ over = (own) => own, foreign = noForeignActuators, actuators = {}, onMarket }: Fitting = {}): FittedActor {
    const { clock } = this.cluster;
    const observer = { finished: () => undefined, waiting: () => undefined };
    const around = { clock, rng: seededRng(1), logger: silentLogger };
    const queue = new WriteQueue({ ...around, perSecond: 1000, burst: 1000, observer });
    queue.start();
    const gate = { mayAct: () => this.leads, why: () => (this.leads ? [] : ["this replica does not lead"]) };
    return fitActor({
      ...around,
      transport: over(this.cluster.transport()),
      writes: gatedWrites(queue, gate),
      gate,
      actuators: readActuators(actuators, "test").config,
      coolDownMs: 45_000,
      market: { sizes: onMarket ?? (() => false) },
      foreign,
      again: (seen) => this.seen(seen.target?.ref.name ?? "").target,
    });
  }

  run({ actor }: FittedActor, seen: SeenIntent, plan: readonly Action[]): Promise<Execution> {
    return this.cluster.until(actor.execute(seen, plan, this.cluster.clock.wallMs()));
  }

  revert({ actor }: FittedActor, name: string): Promise<Execution | null> {
    return this.cluster.until(actor.revert(`shop/${name}`));
  }

  /** "request/limit" of each pod. */
  cpuOf(name: string): string[] {
    return this.cluster.pods(name).map(({ spec = {} }) => {
      const { requests, limits } = (spec as unknown as PodSpec).containers[0]?.resources ?? {};
      return `${requests?.["cpu"]}/${limits?.["cpu"]}`;
    });
  }

  template(name: string): Template {
    const { template } = this.cluster.deployment(name).spec as { readonly template: Template };
    return template;
  }

  seen(name: string, resources: ReadonlyMap<string, number> = new Map([["0_cpu_limits", 1000]])): SeenIntent {
    const { metadata } = this.cluster.deployment(name);
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name, uid: metadata.uid ?? "" };
    const target: SeenTarget = {
      ref,
      generation: Number(metadata.generation),
      replicas: this.cluster.replicas(name),
      pods: this.cluster.pods(name).map((pod) => ({ name: pod.metadata.name, uid: pod.metadata.uid ?? "" })),
      rivals: this.rivals,
    };
    return {
      ref: { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace: "shop", name, uid: `intent-${name}` },
      generation: 1,
      intent: {
        name: `shop/${name}`,
        target: { kind: "Deployment", name: `shop/${name}` },
        priority: 1,
        active: true,
        objectives: [{ profile: "shop/p99", target: 100, tolerance: 0 }],
        pods: target.pods.map((pod) => ({
          name: pod.name,
          availability: 1,
          node: "n1",
          phase: "Running",
          qosClass: "Burstable",
        })),
        resources,
        annotations: new Map(),
        data: new Map(),
      },
      target,
    };
  }
}

export function scaleOut(factor: number): Action {
  return { name: "scaleOut", properties: { factor } };
}

export function rmPod(...names: readonly string[]): Action[] {
  return names.map((name) => ({ name: "rmPod", properties: { name } }));
}

export function scaleCpu(value: number): Action {
  return { name: "scaleCPU", properties: { value } };
}
