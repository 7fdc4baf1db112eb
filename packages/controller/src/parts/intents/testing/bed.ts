import { intentCrd, type IntentStatus, kpiProfileCrd } from "@walras/api";
import { collectionPath, type KubeTransport, type Resource, resources } from "@walras/kube";
import { Command } from "commander";

import { type Process, startProcess } from "../../../base/testing/process.ts";
import type { Measurement } from "../decide/snapshot.ts";
import { addFlags, schema } from "../flags.ts";
import type { PlanEvent } from "../loop/ports.ts";
import { modelsOf, readEffects } from "../models/effects.ts";
import type { Outside } from "../needs.ts";
import { wireIntents } from "../wire.ts";
import { wireWorld } from "../wireWorld.ts";
import { WorkloadCluster } from "./cluster.ts";

const intents: Resource = { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", plural: "intents", namespaced: true };
const profiles: Resource = { ...intents, kind: "KPIProfile", plural: "kpiprofiles" };

/** The prototype's canonical case. */
const effects = readEffects(
  [
    {
      name: "shop/web",
      group: "scaling",
      profileName: "shop/p99",
      static: true,
      data: {
        popt: [0.306355135, 0.193240314, 53.0816499, 0.0147372746],
        throughputScale: [0.00214390554, 0.99935682854],
        throughputRange: [0, 10_000],
        replicaRange: [1, 12],
      },
    },
  ],
  "test",
);

interface RawEvent {
  readonly reason: string;
  readonly regarding?: { readonly name?: string };
  readonly involvedObject?: { readonly name?: string };
}

/** An API server with intents, what is measured of them, and controllers. */
export class IntentBed {
  readonly cluster = new WorkloadCluster();
  /** By profile; what is not in it is missing. */
  measured = new Map<string, Measurement>();
  readonly events: PlanEvent[] = [];
  #processes = 0;

  async begin(): Promise<void> {
    for (const crd of [intentCrd(), kpiProfileCrd()])
      await this.cluster.kubectl.send({
        method: "POST",
        path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        body: crd,
      });
    const system = { metadata: { name: "walras-system" } };
    await this.cluster.kubectl.send({ method: "POST", path: collectionPath(resources.namespace), body: system });
    await this.cluster.deploy("web", { replicas: 2 });
    for (const [name, type] of [
      ["p99", "latency"],
      ["rps", "throughput"],
    ] as const) {
      const props = { endpoint: "http://prometheus-service.telemetry:9090/api/v1/query" };
      const spec = { type, query: name, minimize: type === "latency", props };
      await this.#post(profiles, name, spec);
    }
    this.measure(0.04, 4800);
  }

  measure(p99: number, rps: number): void {
    this.measured = new Map([
      ["shop/p99", { kind: "value", value: p99 }],
      ["shop/rps", { kind: "value", value: rps }],
    ]);
  }

  async intent(name = "web", spec: object = {}): Promise<void> {
    await this.#post(intents, name, {
      targetRef: { kind: "Deployment", name: "shop/web" },
      priority: 1,
      objectives: [
        { name: "fast", value: 0.03, measuredBy: "shop/p99" },
        { name: "load", value: 0, measuredBy: "shop/rps" },
      ],
      ...spec,
    });
  }

  /** Starts a controller, which leads once the Lease is free. */
  async controller(seconds = 5, over: (own: KubeTransport) => KubeTransport = (own) => own): Promise<Process> {
    this.#processes += 1;
    const started = await startProcess({
      api: this.cluster.api,
      clock: this.cluster.clock,
      number: this.#processes,
      over,
      wire: (wired) => wireIntents(schema.parse(addFlags(new Command(), {}).opts()), wired, this.#outside()),
    });
    await this.pass(seconds);
    return started;
  }

  /** Time goes on, and Kubernetes with it. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await this.cluster.pass(1);
      await this.cluster.settle();
    }
  }

  status(name = "web"): IntentStatus {
    return this.cluster.api.store.get("intents.ido.intel.com", "shop", name)?.status ?? {};
  }

  profileStatus(name: string): unknown {
    return this.cluster.api.store.get("kpiprofiles.ido.intel.com", "shop", name)?.status;
  }

  condition(type: string, name = "web"): string {
    const { status, reason } = this.status(name).conditions?.find((one) => one.type === type) ?? {};
    return `${status} ${reason}`;
  }

  /** Reasons of the Events about an Intent. */
  told(name = "web"): string[] {
    const events = [...this.cluster.api.store.all("events")] as unknown as readonly RawEvent[];
    const about = ({ regarding, involvedObject }: RawEvent): string | undefined => (regarding ?? involvedObject)?.name;
    return events.filter((one) => about(one) === name).map(({ reason }) => reason);
  }

  async post(resource: Resource, name: string, spec: object): Promise<void> {
    await this.#post(resource, name, spec);
  }

  async edit(name: string, spec: object): Promise<void> {
    await this.cluster.patch(intents, name, { spec });
  }

  #outside(): Outside {
    return {
      world: (needs) => ({
        ...wireWorld(needs),
        meter: { measure: (seen) => Promise.resolve(new Map(seen.map(({ intent }) => [intent.name, this.measured]))) },
      }),
      memory: () => ({
        knowledge: {
          record: (event) => Promise.resolve(void this.events.push(event)),
          events: () => Promise.resolve([]),
          effects: () => Promise.resolve([]),
          learn: () => Promise.resolve(),
        },
        models: { modelsFor: (intent) => modelsOf(effects, { intent, since: null, file: "test" }) },
        learner: { step: () => Promise.resolve() },
        runnables: [],
      }),
    };
  }

  async #post(resource: Resource, name: string, spec: object): Promise<void> {
    const { apiVersion, kind } = resource;
    const body = { apiVersion, kind, metadata: { name }, spec };
    await this.cluster.kubectl.send({ method: "POST", path: collectionPath(resource, "shop"), body });
  }
}
