import type { Clock, Rng, Timer } from "@walras/kit";
import type { SimCluster } from "@walras/sim";
import type { KubeObject } from "@walras/sim/apiserver";

import type { Wire } from "./agents.ts";
import { pick } from "./pods.ts";
import type { ControllerProcess } from "./process.ts";

/** Which things go wrong. */
export type Mix = "churn only" | "api" | "nodes" | "leaders" | "all";

export interface FaultParts {
  readonly cluster: SimCluster;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly latencyMs: number;
  readonly processes: ControllerProcess[];
  readonly wires: ReadonlyMap<string, Wire>;
}

/** Things go wrong for so long, and then not, so that what must come true soon can be told. */
const stormMs = 60_000;
const calmMs = 60_000;
/** From one fault to the next. */
const everyMs = 4_000;
/** A watch is opened again after 30 s at most. */
const deafMs = 35_000;
/** Until whatever went wrong is made up for: a lease runs out in 15 s, a refusal pauses for 30 s. */
const aftermathMs = 45_000;

const isController = ({ userAgent }: { userAgent?: string }): boolean => userAgent === "walras-controller";

/** What goes wrong in the world of a trial. */
export class Faults {
  readonly counts: Record<string, number> = {};
  readonly #parts: FaultParts;
  readonly #kinds: readonly (readonly [string, () => void])[];
  readonly #silent = new Map<string, number>();
  readonly #timers = new Set<Timer>();
  /** Until when nothing is asked that must come true soon. */
  #troubledUntilMs = 30_000;
  #deafUntilMs = -Infinity;
  #still = 0;

  constructor(mix: Mix, parts: FaultParts) {
    this.#parts = parts;
    const of = { api: this.#ofApi(), nodes: this.#ofNodes(), leaders: this.#ofLeaders() };
    if (mix === "churn only") this.#kinds = [];
    else this.#kinds = mix === "all" ? Object.values(of).flat() : of[mix];
  }

  /** What namespace team may have. */
  async bound(): Promise<void> {
    const transport = this.#parts.cluster.transport("owners");
    const post = (plural: string, kind: string, spec: object): Promise<unknown> =>
      transport.send({
        method: "POST",
        path: `/api/v1/namespaces/team/${plural}`,
        body: { apiVersion: "v1", kind, metadata: { name: "team", namespace: "team" }, spec },
      });
    await post("resourcequotas", "ResourceQuota", { hard: { "requests.cpu": "6", "limits.cpu": "14" } });
    const cpu = { type: "Container", min: { cpu: "20m" }, max: { cpu: "1500m" }, maxLimitRequestRatio: { cpu: "10" } };
    await post("limitranges", "LimitRange", { limits: [cpu] });
  }

  start(): void {
    if (this.#kinds.length > 0) this.#after(calmMs, () => this.#storm());
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  get deafUntilMs(): number {
    return this.#deafUntilMs;
  }

  get standsStill(): boolean {
    return this.#still > 0;
  }

  isCalm(): boolean {
    return this.#nowMs() > this.#troubledUntilMs;
  }

  silentSinceMs(node: string): number | null {
    return this.#silent.get(node) ?? null;
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  #storm(): void {
    this.#troubledUntilMs = this.#nowMs() + stormMs + aftermathMs;
    for (let atMs = 0; atMs < stormMs; atMs += everyMs) this.#after(atMs, () => this.#something());
    this.#after(stormMs + aftermathMs + calmMs, () => this.#storm());
  }

  #something(): void {
    const [name, happens] = pick(this.#parts.rng, this.#kinds);
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    happens();
  }

  #after(delayMs: number, run: () => void): void {
    const timer = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    this.#timers.add(timer);
  }

  #ofApi(): [string, () => void][] {
    const { cluster, rng, processes } = this.#parts;
    const { faults } = cluster.api;
    const reject = (status: number, retryAfterSeconds?: number): void => {
      const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
      faults.rejectNext(1 + Math.floor(rng() * 8), { status, filter: isController, ...retry });
    };
    return [
      ["calls fail", () => reject(pick(rng, [500, 503, 504, 409]))],
      ["calls are too many", () => reject(429, 2)],
      [
        "answers are lost",
        () => {
          for (const process of processes) process.lossOfAnswers = 0.3;
          this.#after(6_000, () => {
            for (const process of processes) process.lossOfAnswers = 0;
          });
        },
      ],
      ["watches end", () => this.#deafen(() => faults.dropWatches())],
      ["history expires", () => this.#deafen(() => cluster.inject({ kind: "expireHistory", atSeconds: 0 }))],
      ["resizes are refused", () => this.#refuseResizes()],
      ["the API server stands still", () => this.#deafen(() => this.#standStill(3_000 + rng() * 20_000))],
    ];
  }

  #standStill(forMs: number): void {
    const { faults } = this.#parts.cluster.api;
    faults.pause();
    this.#still += 1;
    this.#after(forMs, () => {
      this.#still -= 1;
      if (this.#still === 0) faults.resume();
    });
  }

  #deafen(happens: () => void): void {
    this.#deafUntilMs = this.#nowMs() + deafMs;
    happens();
  }

  /** As an admission webhook or a quota that nobody has told of. */
  #refuseResizes(): void {
    const filter = ({ path, userAgent }: { path: string; userAgent?: string }): boolean =>
      userAgent === "walras-controller" && path.endsWith("/resize");
    this.#parts.cluster.api.faults.rejectNext(3, { status: 403, filter });
  }

  #ofNodes(): [string, () => void][] {
    const { cluster, rng, wires } = this.#parts;
    const node = (): string => pick(rng, [...wires.keys()]);
    return [
      ["an agent is cut off", () => this.#cutOff(node(), 5_000 + rng() * 30_000)],
      ["a kernel's counters are not numbers", () => this.#spoil(node(), 5 + Math.floor(rng() * 15))],
      ["a node is gone and back", () => this.#takeAway(node(), 3_000 + rng() * 20_000)],
      ["a node shrinks", () => this.#shrink(node(), 5_000 + rng() * 25_000)],
      ["resizes are Deferred", () => this.#refuse(node(), "Deferred")],
      ["resizes are Infeasible", () => this.#refuse(node(), "Infeasible")],
      [
        "a static pod comes",
        () => cluster.inject({ kind: "fillNode", atSeconds: 0, node: node(), request: "150m", useCores: 0.1 }),
      ],
    ];
  }

  #cutOff(node: string, forMs: number): void {
    const wire = this.#parts.wires.get(node);
    if (!wire || wire.cut) return;
    wire.cut = true;
    this.#silent.set(node, this.#nowMs());
    this.#after(forMs, () => {
      wire.cut = false;
      this.#silent.delete(node);
    });
  }

  #spoil(node: string, forSeconds: number): void {
    this.#parts.cluster.inject({ kind: "badReports", atSeconds: 0, node, forSeconds });
  }

  #takeAway(node: string, forMs: number): void {
    const { store } = this.#parts.cluster.api;
    const object = store.remove("nodes", "", node);
    if (object) this.#after(forMs, () => store.put("nodes", object));
  }

  /** More is kept for the system for a while. */
  #shrink(node: string, forMs: number): void {
    const { store } = this.#parts.cluster.api;
    const give = (milli: number): void => {
      const object = store.get("nodes", "", node);
      if (object) store.put("nodes", withAllocatable(object, `${milli}m`));
    };
    give(3_200);
    this.#after(forMs, () => give(3_900));
  }

  #refuse(node: string, reason: "Deferred" | "Infeasible"): void {
    const kubelet = this.#parts.cluster.nodes.find(({ facts }) => facts.name === node)?.kubelet;
    kubelet?.refuseNext(3, {
      reason,
      message: `Node didn't have enough ${reason === "Deferred" ? "resource" : "capacity"}: cpu`,
    });
  }

  #ofLeaders(): [string, () => void][] {
    const { rng } = this.#parts;
    const one = (): ControllerProcess => pick(rng, this.#parts.processes);
    return [
      ["a controller is killed", () => one().kill()],
      ["a controller is rolled out", () => void one().end()],
      ["a controller stands still", () => this.#deafen(() => this.#pause(one(), 2_000 + rng() * 25_000))],
      [
        "a controller is cut off from the API server",
        () => this.#deafen(() => this.#isolate(one(), 2_000 + rng() * 25_000)),
      ],
    ];
  }

  #pause(process: ControllerProcess, forMs: number): void {
    process.pause();
    this.#after(forMs, () => process.resume());
  }

  #isolate(process: ControllerProcess, forMs: number): void {
    process.cutOff = true;
    this.#after(forMs, () => {
      process.cutOff = false;
    });
  }
}

function withAllocatable(node: KubeObject, cpu: string): KubeObject {
  const allocatable = { ...(node.status?.["allocatable"] as object), cpu };
  return { ...node, status: { ...node.status, allocatable } };
}
