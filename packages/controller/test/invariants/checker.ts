// Looks at every write of the controllers with the eyes of a user of the API server: it shares no code with them.
import type { KubeRequest } from "@walras/kube";
import type { ApiServer, KubeObject } from "@walras/sim/apiserver";

import { type Asked, at, type Cpu, effectiveMilli, list, milli, qosOf } from "./effective.ts";
import { type Flight, flightOf, resized } from "./flight.ts";
import { cpuByName, Owners, uidOf } from "./owners.ts";
import type { WriteWatch } from "./process.ts";
import { isAmple, isBy, larger, nameOf, nodeOf, sameCpu, standing } from "./seen.ts";

/** What the objects do not tell: what the machines and the wires do. */
export interface Surroundings {
  readonly nowMs: () => number;
  /** When less than a fifth of the node's CPU was idle for the last time. */
  readonly usedUpMs: (node: string) => number;
  /** Since when no agent speaks for the node; null: one does. */
  readonly silentSinceMs: (node: string) => number | null;
  /** Until when a controller may not have heard what was said, since watches have ended. */
  readonly deafUntilMs: () => number;
  /** Whether the API server takes no call now, and tells nobody what those on their way have done. */
  readonly standsStill: () => boolean;
  /** How long the API server takes to answer. */
  readonly latencyMs: number;
}

/** Not writes of what is decided: the Lease, and questions that are asked by POST. */
const notDecided = /\/(leases|tokenreviews|subjectaccessreviews)(\/|$)/;
/** From a use that was measured to the last write that is decided by it. */
const measuredMs = 8_000;
/** From a decision to the last moment at which it is sent. */
const decidedMs = 6_000;
/** Older samples are none. */
const staleMs = 3_500;

export class Checker implements WriteWatch {
  /** What must not have happened, and how often it has. */
  readonly violations = new Map<string, number>();
  readonly owners: Owners;
  checks = 0;
  writes = 0;
  resizes = 0;
  /** Raises into room that somebody else took while they were on their way. */
  overtaken = 0;
  refused = 0;
  turnedAway = 0;
  readonly #api: ApiServer;
  readonly #around: Surroundings;
  readonly #flights = new Set<Flight>();
  readonly #byNode = new Map<string, Map<string, KubeObject>>();
  readonly #writers = new Map<number, Set<string>>();

  constructor(api: ApiServer, around: Surroundings) {
    this.#api = api;
    this.#around = around;
    this.owners = new Owners(api.store);
    for (const pod of api.store.all("pods")) this.#place(pod);
    api.store.onChange(({ type, collection, object, previous }) => {
      if (collection !== "pods") return;
      if (type === "DELETED") this.#byNode.get(nodeOf(object))?.delete(uidOf(object));
      else this.#changed(object, previous);
    });
  }

  /** How often another has begun to lead. */
  get epochs(): number {
    return this.#writers.size;
  }

  sent(writer: string, request: KubeRequest): (status: number) => void {
    if (notDecided.test(request.path)) return () => undefined;
    this.writes += 1;
    this.#leads(writer, `sends ${request.method} ${request.path}`);
    const flight = flightOf(writer, request, this.#around.nowMs());
    if (flight) this.#leaves(flight);
    return (status) => {
      if (flight) this.#flights.delete(flight);
      if (status === 200) this.#leads(writer, `has written ${request.method} ${request.path}`);
      else if (status >= 400 && flight) this.refused += 1;
    };
  }

  /** Pods on a node, as they are stored. */
  podsOn(node: string): Iterable<KubeObject> {
    return this.#byNode.get(node)?.values() ?? [];
  }

  /** What is left of a node, as the scheduler counts. */
  freeMilli(node: string): number {
    return this.#allocatableMilli(node) - this.#sumMilli(node);
  }

  must(holds: boolean, what: () => string): void {
    this.checks += 1;
    if (holds) return;
    const told = what();
    this.violations.set(told, (this.violations.get(told) ?? 0) + 1);
  }

  /** 6: whoever writes holds the Lease, and nobody else does under its epoch. */
  #leads(writer: string, what: string): void {
    const lease = this.#api.store.get("leases.coordination.k8s.io", "walras-system", "walras-controller");
    const holder = at(lease, "spec", "holderIdentity");
    const epoch = Number(at(lease, "spec", "leaseTransitions") ?? 0);
    const writers = this.#writers.get(epoch) ?? new Set();
    this.#writers.set(epoch, writers);
    const isFirstTime = !writers.has(writer);
    writers.add(writer);
    this.must(holder === writer, () => `6: ${writer} ${what} while the lease is held by ${String(holder)}`);
    this.must(!isFirstTime || writers.size === 1, () => `6: ${[...writers].join(" and ")} write in epoch ${epoch}`);
  }

  #leaves(flight: Flight): void {
    this.resizes += 1;
    const pod = this.#api.store.get("pods", flight.namespace, flight.name);
    if (pod && uidOf(pod) === flight.uid) {
      this.#room(pod, flight);
      this.#consent(pod, flight);
      this.#shape(pod, flight);
      this.#limits(pod, flight);
      this.#silence(pod, flight);
    }
    this.#flights.add(flight);
  }

  /** 1: with all that is on its way, requests on the node are within its allocatable. */
  #room(pod: KubeObject, flight: Flight): void {
    if (this.#around.standsStill()) return;
    const before = effectiveMilli(pod, this.#askedOf(pod));
    const after = effectiveMilli(pod, larger(this.#askedOf(pod), flight.asked));
    const node = nodeOf(pod);
    const sum = this.#sumMilli(node, true) - before + after;
    const most = this.#allocatableMilli(node);
    this.must(
      after <= before || sum <= most,
      () => `1: ${nameOf(pod)} is raised by ${after - before}m on ${node}, to ${sum}m of ${most}m`,
    );
  }

  /** Nobody is resized who is not on the market, except to give back what he declared, as far as there is room. */
  #consent(pod: KubeObject, { asked }: Flight): void {
    const { sizable, everSizable, declared } = this.owners.of(pod);
    if (sizable) return;
    const now = cpuByName(pod);
    const given = [...asked].every(([name, cpu]) => {
      const is = [declared.get(name), now.get(name)];
      const isOf = (side: keyof Cpu): boolean => cpu[side] === null || is.some((one) => one?.[side] === cpu[side]);
      return isOf("request") && isOf("limit");
    });
    const mayNotKnow = everSizable && this.#around.nowMs() <= this.#around.deafUntilMs();
    const told = (of: Asked): string => JSON.stringify([...of]);
    this.must(
      given || mayNotKnow,
      () => `opt-in: ${nameOf(pod)} is off the market, declared ${told(declared)}, and is resized to ${told(asked)}`,
    );
  }

  /** 2, 3: class, and which limits there are, stay; nothing restarts; no request is above its limit. */
  #shape(pod: KubeObject, { asked }: Flight): void {
    const after = resized(pod, asked);
    this.must(qosOf(after) === this.owners.of(pod).qos, () => `3: ${nameOf(pod)} would become ${qosOf(after)}`);
    const [was, is] = [cpuByName(pod), cpuByName(after)];
    for (const [name, cpu] of is) {
      const what = `${nameOf(pod)} ${name}`;
      const before = was.get(name);
      const isChanged = cpu.request !== before?.request || cpu.limit !== before.limit;
      this.must((cpu.request ?? 0) <= (cpu.limit ?? Infinity), () => `shape: ${what} would request above its limit`);
      this.must((cpu.limit === null) === (before?.limit === null), () => `shape: ${what} would gain or lose its limit`);
      this.must(!isChanged || !this.#restarts(pod, name), () => `2: ${what} would be restarted`);
    }
  }

  #restarts(pod: KubeObject, name: string): boolean {
    const all = ["containers", "initContainers"].flatMap((field) => list(at(pod, "spec", field)));
    const policies = list(
      at(
        all.find((one) => one["name"] === name),
        "resizePolicy",
      ),
    );
    return policies.some((one) => one["resourceName"] === "cpu" && one["restartPolicy"] === "RestartContainer");
  }

  /** No limit is cut below what was declared while the node has room. */
  #limits(pod: KubeObject, { asked }: Flight): void {
    const { sizable, declared } = this.owners.of(pod);
    if (!sizable || !isAmple(pod)) return;
    const recently = measuredMs + this.#around.latencyMs;
    const usedUp = this.#around.nowMs() - this.#around.usedUpMs(nodeOf(pod)) <= recently;
    const now = standing(pod);
    for (const [name, { limit }] of asked) {
      const own = declared.get(name)?.limit ?? 0;
      const isCutBelow = limit !== null && limit < own && limit < (now.get(name)?.limit ?? 0);
      this.must(
        !isCutBelow || usedUp,
        () => `limit: ${nameOf(pod)} ${name} is cut to ${limit}m, below the ${own}m declared, on a node with room`,
      );
    }
  }

  /** 4: without fresh telemetry nothing shrinks, except what the node has not taken. */
  #silence(pod: KubeObject, { asked }: Flight): void {
    const silentMs = this.#around.nowMs() - (this.#around.silentSinceMs(nodeOf(pod)) ?? Infinity);
    if (silentMs < staleMs + decidedMs || !this.owners.of(pod).sizable) return;
    const now = standing(pod);
    const shrinks = [...asked].filter(([name, { request, limit }]) => {
      const own = now.get(name);
      return (request ?? Infinity) < (own?.request ?? 0) || (limit ?? Infinity) < (own?.limit ?? 0);
    });
    this.must(shrinks.length === 0, () => `4: ${nameOf(pod)} shrinks while its node is silent`);
  }

  #changed(pod: KubeObject, previous: KubeObject | undefined): void {
    const qos = at(pod, "status", "qosClass");
    if (previous)
      this.must(qos === at(previous, "status", "qosClass"), () => `3: ${nameOf(pod)} became ${String(qos)}`);
    const isTurnedAway = (one: KubeObject | undefined): boolean => at(one, "status", "reason") === "OutOfcpu";
    if (isTurnedAway(pod) && !isTurnedAway(previous)) this.turnedAway += 1;
    this.#place(pod);
    if (!previous || sameCpu(pod, previous)) return;
    const flight = [...this.#flights].find((one) => !one.landed && isBy(one, pod));
    if (!flight) return this.owners.redeclared(pod, previous);
    flight.landed = true;
    this.owners.resized(pod);
    const raises = effectiveMilli(pod) > effectiveMilli(previous);
    if (raises && this.#sumMilli(nodeOf(pod)) > this.#allocatableMilli(nodeOf(pod))) this.overtaken += 1;
  }

  #place(pod: KubeObject): void {
    const node = nodeOf(pod);
    if (node === "") return;
    const pods = this.#byNode.get(node) ?? new Map<string, KubeObject>();
    this.#byNode.set(node, pods.set(uidOf(pod), pod));
  }

  #sumMilli(node: string, withFlights = false): number {
    let sum = 0;
    for (const pod of this.podsOn(node)) sum += effectiveMilli(pod, withFlights ? this.#askedOf(pod) : undefined);
    return sum;
  }

  #askedOf(pod: KubeObject): Asked {
    let asked: Asked = new Map();
    for (const flight of this.#flights)
      if (!flight.landed && flight.uid === uidOf(pod)) asked = larger(asked, flight.asked);
    return asked;
  }

  /** Of a node that is not there nothing is known to be free. */
  #allocatableMilli(node: string): number {
    return milli(at(this.#api.store.get("nodes", "", node), "status", "allocatable", "cpu")) ?? 0;
  }
}
