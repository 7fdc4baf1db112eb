import { describeError, type Timer } from "@walras/kit";

import type { KubeObject } from "../apiserver/index.ts";
import { asText } from "../apiserver/objects/model.ts";
import { idleLoad } from "../workload/index.ts";
import { type Refusal, shortageOf } from "./admission.ts";
import { containerIdScheme } from "./cgroupNames.ts";
import { type DelayRange, type KubeletDelays, type KubeletOptions, limitsOf, measuredDelays } from "./kubeletPorts.ts";
import { type Loads, loadsOf, newContainer, podRun } from "./podStart.ts";
import { podStatus, type StatusContext } from "./podStatus.ts";
import { countedFor, type PodView, type Requests, viewOf } from "./podView.ts";
import { Resizer } from "./resizer.ts";
import type { RunningPod } from "./runningPod.ts";

interface Held {
  readonly pod: RunningPod;
  readonly loads: Loads;
}

/**
 * A simulated kubelet: it runs the pods bound to its node and says at the API
 * server how they are. Resizes are decided by `Resizer`.
 */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #delays: KubeletDelays;
  readonly #held = new Map<string, Held>();
  readonly #timers = new Set<Timer>();
  readonly #resizer: Resizer;
  readonly #status: StatusContext;
  #started = 0;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#delays = options.delays ?? measuredDelays;
    this.#status = {
      hostAddress: options.facts.address,
      runtime: containerIdScheme(options.facts.layout),
      timeOf: (wallMs) => `${new Date(wallMs).toISOString().slice(0, 19)}Z`,
    };
    this.#resizer = new Resizer({
      limits: limitsOf(options),
      delays: this.#delays,
      runtime: options.runtime,
      writer: options.writer,
      clock: options.clock,
      after: (delay, run) => this.#after(delay, run),
      used: (pod) => this.#usedBeside(pod),
      pods: () => [...this.#held.values()].map(({ pod }) => pod),
      save: (pod) => this.#save(pod),
      restart: (pod, name) => this.#restart(pod, name),
    });
  }

  /** A pod bound to this node is there, or has changed. */
  podChanged(object: KubeObject): void {
    const known = this.#held.get(object.metadata.uid ?? "");
    if (object.metadata.deletionTimestamp) {
      this.#stopSoon(object, known?.pod);
      return;
    }
    if (!known) {
      if (asText(object.status?.["phase"]) === "Pending") this.#accept(object);
      return;
    }
    if (object.metadata.generation === known.pod.view.generation) return;
    known.pod.view = viewOf(object);
    this.#resizer.wanted(known.pod);
  }

  /** The API server has no such pod any more: it is stopped at once. */
  podGone(uid: string): void {
    if (!this.#held.delete(uid)) return;
    this.#options.runtime.stop(uid);
    this.#resizer.retry();
  }

  /** A container crashes and comes back under a new id; false where there is none. */
  restartContainer(uid: string, name: string): boolean {
    const pod = this.#held.get(uid)?.pod;
    if (!pod?.containers.has(name)) return false;
    this.#restart(pod, name);
    this.#save(pod);
    return true;
  }

  /** The next resizes are refused, whatever they ask for. */
  refuseNext(count: number, refusal: Refusal): void {
    this.#resizer.refuseNext(count, refusal);
  }

  /** Nothing happens on this node any more. */
  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #accept(object: KubeObject): void {
    const view = viewOf(object);
    const shortage = shortageOf(limitsOf(this.#options), countedFor(view, view.resources), this.#usedBeside(undefined));
    const pod = this.#newPod(view, shortage ?? null);
    if (shortage === undefined) {
      this.#held.set(view.uid, { pod, loads: this.#readLoads(object, view) });
      this.#after(this.#delays.start, () => this.#begin(pod));
    } else {
      this.#save(pod);
    }
  }

  #newPod(view: PodView, rejection: string | null): RunningPod {
    const number = ++this.#started;
    return {
      view,
      phase: rejection === null ? "Pending" : "Failed",
      rejection,
      allocated: view.resources,
      actuated: view.resources,
      actual: view.resources,
      pending: null,
      inProgress: null,
      observedGeneration: view.generation,
      containers: new Map(),
      ip: `${this.#options.facts.podNetwork}.${((number - 1) % 254) + 1}`,
      startTime: this.#now(),
      stopping: false,
    };
  }

  /** A load that cannot be read makes an idle pod and an event, and troubles nobody else. */
  #readLoads(object: KubeObject, view: PodView): Loads {
    try {
      return loadsOf(object, view);
    } catch (error) {
      this.#options.writer.tell(view, { type: "Warning", reason: "InvalidLoad", message: describeError(error) });
      return new Map([...view.resources.keys()].map((name) => [name, idleLoad]));
    }
  }

  #begin(pod: RunningPod): void {
    const held = this.#held.get(pod.view.uid);
    if (!held || pod.stopping) return;
    const names = [...pod.allocated.keys()];
    pod.containers = new Map(names.map((name) => [name, newContainer(this.#options.rng, this.#now())]));
    pod.phase = "Running";
    this.#run(held);
    this.#awaitEnds(held);
    this.#save(pod);
    if (pod.view.generation !== pod.observedGeneration) this.#resizer.wanted(pod);
  }

  #awaitEnds({ pod, loads }: Held): void {
    if (pod.view.restarts) return;
    for (const [name, { endsAfterSeconds }] of loads) {
      if (endsAfterSeconds === undefined) continue;
      this.#after([endsAfterSeconds * 1000, endsAfterSeconds * 1000], () => this.#end(pod, name));
    }
  }

  /** A container has done its work; with the last of them the pod has. */
  #end(pod: RunningPod, name: string): void {
    const container = pod.containers.get(name);
    if (!container || pod.stopping || !this.#held.has(pod.view.uid)) return;
    pod.containers = new Map(pod.containers).set(name, { ...container, endedAt: this.#now() });
    this.#options.runtime.end(pod.view.uid, name);
    if ([...pod.containers.values()].every(({ endedAt }) => endedAt !== undefined)) {
      pod.phase = "Succeeded";
      this.podGone(pod.view.uid);
    }
    this.#save(pod);
  }

  #run({ pod, loads }: Held): void {
    const { containers, actuated: resources } = pod;
    this.#options.runtime.run(podRun(pod.view, { containers, loads, resources }, this.#options.seed));
  }

  #restart(pod: RunningPod, name: string): void {
    const held = this.#held.get(pod.view.uid);
    const restarts = (pod.containers.get(name)?.restarts ?? 0) + 1;
    pod.containers = new Map(pod.containers).set(name, newContainer(this.#options.rng, this.#now(), restarts));
    if (held) this.#run(held);
  }

  #stopSoon({ metadata }: KubeObject, pod: RunningPod | undefined): void {
    const key = { namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid ?? "" };
    if (!pod) {
      this.#options.writer.remove(key);
      return;
    }
    if (pod.stopping) return;
    pod.stopping = true;
    this.#after(this.#delays.stop, () => {
      this.podGone(key.uid);
      this.#options.writer.remove(key);
    });
  }

  /** What the other pods hold: what is admitted or still in force, whichever is more. */
  #usedBeside(pod: RunningPod | undefined): Requests {
    let [cpu, memory] = [0, 0];
    for (const { pod: other } of this.#held.values()) {
      if (other === pod) continue;
      const held = countedFor(other.view, other.allocated, other.actual);
      cpu += held.cpu;
      memory += held.memory;
    }
    return { cpu, memory };
  }

  #save(pod: RunningPod): void {
    this.#options.writer.writeStatus(pod.view, (stored) => podStatus(stored, pod, this.#status));
  }

  #now(): string {
    return this.#status.timeOf(this.#options.clock.wallMs());
  }

  #after([fromMs, toMs]: DelayRange, run: () => void): void {
    const timer = this.#options.clock.after(fromMs + (toMs - fromMs) * this.#options.rng(), () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }
}
