import { seededRng, silentLogger } from "@walras/kit";
import { type KubeTransport, WriteQueue } from "@walras/kube";

import { gatedWrites } from "../../../base/access/gate.ts";
import { readActuators } from "../config/actuators.ts";
import type { Action } from "../decide/snapshot.ts";
import type { Rival, SeenIntent, SeenTarget } from "../loop/ports.ts";
import { WorkloadCluster } from "../testing/cluster.ts";
import { type FittedActor, fitActor } from "./fit.ts";
import { type ForeignActuators, noForeignActuators } from "./ports.ts";

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
