import { advance, attach, cfsPeriodMs, type CpuGroup, cpuGroup } from "@walras/sim/node";
import { seededRng, VirtualClock } from "@walras/kit";

import { NodeRoom } from "../../src/base/access/room.ts";
import type { PodState } from "../../src/base/cluster/pod.ts";
import { aContainerState, aPod } from "../../src/base/cluster/testing.ts";
import { Ledger } from "../../src/base/telemetry/ledger/ledger.ts";
import { ResizeLog } from "../../src/parts/market/act/log.ts";
import { QuotaRoom } from "../../src/parts/market/act/quotaRoom.ts";
import type { PodResize } from "../../src/parts/market/act/resize.ts";
import { Verdicts } from "../../src/parts/market/act/verdicts.ts";
import { granuleMilli } from "../../src/parts/market/decide/granules.ts";
import { defaultMarketPolicy as policy } from "../../src/parts/market/decide/policy.ts";
import { NodeRound } from "../../src/parts/market/loop/round.ts";
import { followReports } from "../../src/parts/market/loop/follow.ts";
import { SettledNodes } from "../../src/parts/market/loop/settled.ts";
import { StepTimer } from "../../src/parts/market/loop/steps.ts";
import { MarketBook } from "../../src/parts/market/observe/book.ts";
import { DeclaredMemory } from "../../src/parts/market/observe/declared.ts";
import { PodSights } from "../../src/parts/market/observe/sights.ts";
import { NodeUses } from "../../src/parts/market/observe/nodeUse.ts";
import { notSizing } from "../../src/parts/market/observe/testing.ts";

/** From a resize's answer until the node's status says that it is enforced. */
const resizeMs = 1_300;
const sampleMs = 1_000;
const node = "node-1";

/** A pod of one container, and how many cores it would use. */
export interface Load {
  readonly name: string;
  readonly requestMilli: number;
  /** null: without a limit */
  readonly limitMilli: number | null;
  /** @param atMs since the node began */
  readonly cores: (atMs: number) => number;
  readonly parallelism?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managed?: boolean;
  /** @param usedCoreSeconds all that it has used so far */
  readonly ready?: (usedCoreSeconds: number) => boolean;
}

interface Running {
  readonly load: Load;
  readonly group: CpuGroup;
  pod: PodState;
}

type Counters = Pick<CpuGroup, "usedUsec" | "periods" | "throttledPeriods" | "throttledUsec" | "stalledUsec">;

/** One node with the rounds that the controller runs on it, in virtual time: resizes arrive as a kubelet's do. */
export class MarketNode {
  readonly clock = new VirtualClock();
  readonly #cores: number;
  readonly #allocatableMilli: number;
  readonly #root = cpuGroup(1);
  readonly #running = new Map<string, Running>();
  readonly #ledger = new Ledger();
  readonly #log = new ResizeLog();
  readonly #round: NodeRound;
  readonly #stream = { lastMs: 0, beforeMs: 0 };
  readonly #seen = new Map<string, Counters>();
  #resizes = 0;
  #decided = 0;

  readonly #settled = new SettledNodes(policy, seededRng(1));

  readonly #whole: boolean;

  /** Whether more resizes wait than can be written in time. */
  behind = false;

  /** @param whole all of the node is decided each second, whatever has moved */
  constructor({ cores = 2, managed = true, whole = false }: { cores?: number; managed?: boolean; whole?: boolean }) {
    this.#cores = cores;
    this.#whole = whole;
    this.#allocatableMilli = cores * 950;
    this.#round = this.#newRound(managed);
  }

  get resizes(): number {
    return this.#resizes;
  }

  /** How many pods were decided anew, over all rounds. */
  get decided(): number {
    return this.#decided;
  }

  add(load: Load): void {
    const { name, requestMilli, limitMilli, parallelism = 4, annotations = {}, managed = true } = load;
    const group = attach(this.#root, cpuGroup(requestMilli, { parallelism, backlogLimitCoreMs: 10_000 }));
    const state = aContainerState({ containerId: name, desired: { requestMilli, limitMilli } });
    const pod = aPod({ uid: name, name, annotations, managed: String(managed), containers: [state] });
    this.#running.set(name, { load, group, pod });
    this.#settled.wake(node);
    enforce(group, requestMilli, limitMilli);
  }

  remove(name: string): void {
    const { group } = this.#of(name);
    this.#root.children.splice(this.#root.children.indexOf(group), 1);
    this.#running.delete(name);
    this.#settled.wake(node);
  }

  limitMilli(name: string): number | null {
    return this.#of(name).pod.containers[0]?.desired.limitMilli ?? null;
  }

  requestMilli(name: string): number {
    return this.#of(name).pod.containers[0]?.desired.requestMilli ?? 0;
  }

  usedCoreSeconds(name: string): number {
    return this.#of(name).group.usedUsec / 1e6;
  }

  throttledSeconds(name: string): number {
    return this.#of(name).group.throttledUsec / 1e6;
  }

  /** Of the periods in which it had something to run, 0..1. */
  throttledShare(name: string): number {
    const { throttledPeriods, periods } = this.#of(name).group;
    return periods === 0 ? 0 : throttledPeriods / periods;
  }

  async run(seconds: number): Promise<void> {
    for (let period = 0; period < (seconds * 1000) / cfsPeriodMs; period += 1) {
      const atMs = this.clock.monotonicMs();
      for (const { load, group } of this.#running.values()) if (group.tasks) group.tasks.demandCores = load.cores(atMs);
      advance(this.#root, this.#cores, cfsPeriodMs);
      await this.clock.advance(cfsPeriodMs);
      if ((atMs + cfsPeriodMs) % sampleMs === 0) this.#sample();
    }
  }

  #sample(): void {
    const atMs = this.clock.monotonicMs();
    this.#stream.beforeMs = this.#stream.lastMs;
    this.#stream.lastMs = atMs;
    const containers = [...this.#running.values()].map(({ load: { name }, group }) => this.#reading(name, group, atMs));
    const fraction = this.#since("node", this.#root).usedUsec / (this.#cores * sampleMs * 1000);
    const memory = { memoryTotalBytes: null, memoryAvailableBytes: null };
    const reading = { atMs, busyFraction: fraction, used: { fraction, of: "capacity" as const }, ...memory };
    this.#ledger.apply(node, { containers, gone: [], node: reading, gpus: null, rejections: [], resync: false });
    for (const one of this.#running.values()) {
      const ready = one.load.ready?.(one.group.usedUsec / 1e6) ?? true;
      if (ready !== one.pod.ready) this.#change(one, { ready });
    }
    if (this.#whole) this.#settled.wake(node);
    this.#round.run(node);
  }

  #reading(name: string, group: CpuGroup, atMs: number): Parameters<Ledger["apply"]>[1]["containers"][number] {
    const { usedUsec, periods, throttledPeriods, throttledUsec, stalledUsec } = this.#since(name, group);
    return {
      podUid: name,
      containerId: name,
      atMs,
      usageMilli: usedUsec / sampleMs,
      throttledRatio: periods > 0 ? throttledPeriods / periods : null,
      throttledMilli: throttledUsec / sampleMs,
      pressureRatio: Math.min(1, stalledUsec / (sampleMs * 1000)),
      quotaMilli: group.quotaCores === Infinity ? null : Math.round(group.quotaCores * 1000),
      stream: this.#stream,
    };
  }

  #since(name: string, { usedUsec, periods, throttledPeriods, throttledUsec, stalledUsec }: CpuGroup): Counters {
    const now = { usedUsec, periods, throttledPeriods, throttledUsec, stalledUsec };
    const before = this.#seen.get(name);
    this.#seen.set(name, now);
    if (!before) return now;
    return {
      usedUsec: usedUsec - before.usedUsec,
      periods: periods - before.periods,
      throttledPeriods: throttledPeriods - before.throttledPeriods,
      throttledUsec: throttledUsec - before.throttledUsec,
      stalledUsec: stalledUsec - before.stalledUsec,
    };
  }

  #newRound(managed: boolean): NodeRound {
    const { clock } = this;
    const own = { uid: node, namespace: "" as const, name: node };
    const state = { ...own, allocatableMilli: this.#allocatableMilli, capacityMilli: this.#cores * 1000, ready: true };
    const podsOn = (): PodState[] => [...this.#running.values()].map(({ pod }) => pod);
    const book = new MarketBook(policy);
    followReports(this.#ledger, { book, settled: this.#settled, view: { podsOn } });
    return new NodeRound({
      view: {
        podsOn,
        node: () => state,
        namespace: () => undefined,
        allocationOf: (pod) => this.#recordOf(pod),
        autoscalersOf: () => ({ horizontal: [], vertical: [] }),
        runtimeHandler: () => undefined,
        limitRanges: () => [],
        quotas: () => [],
      },
      ledger: this.#ledger,
      book,
      uses: new NodeUses(policy),
      settled: this.#settled,
      sights: new PodSights(),
      log: this.#log,
      verdicts: new Verdicts(this.#log),
      room: new NodeRoom(),
      quotas: new QuotaRoom(clock),
      declared: new DeclaredMemory(notSizing),
      settings: { mode: managed ? "full" : "off", limits: "ample", ...notSizing },
      policy,
      resizePolicy: { ...policy, granuleMilli, deferredPatienceMs: 10_000 },
      sinks: {
        resize: (resize) => this.#resize(resize),
        isBehind: () => this.behind,
        released: () => undefined,
        ended: () => undefined,
        explain: ({ fresh }) => {
          this.#decided += fresh.length;
        },
        unchanged: () => undefined,
      },
      timer: new StepTimer(clock, { stepTook: () => undefined, roundFailed: () => undefined }),
      clock,
    });
  }

  /** What its load declared, as the first PodAllocation wrote it down. */
  #recordOf({
    uid,
    namespace,
    name,
  }: PodState): ReturnType<ConstructorParameters<typeof NodeRound>[0]["view"]["allocationOf"]> {
    const { requestMilli, limitMilli } = this.#of(uid).load;
    const declared = new Map([["app", { requestMilli, limitMilli }]]);
    const gist = { spec: "", declared: "", status: "", numbers: [] };
    return { uid: `record of ${uid}`, namespace, name, podUid: uid, declared, credit: 0, gist };
  }

  #resize({ pod, containers, cuts }: PodResize): void {
    const [to] = containers;
    const running = this.#running.get(pod.uid);
    const [container] = pod.containers;
    if (!to || !running || !container) return;
    this.#resizes += 1;
    const desired = { requestMilli: to.requestMilli, limitMilli: to.limitMilli };
    const generation = pod.generation + 1;
    const allocated = { ...container, desired, allocatedMilli: to.requestMilli };
    this.#change(running, { generation, containers: [allocated] });
    this.#log.patched(pod.uid, generation, cuts, this.clock.monotonicMs());
    this.clock.after(resizeMs, () => {
      enforce(running.group, to.requestMilli, to.limitMilli);
      this.#change(running, { containers: [{ ...allocated, actual: desired }] });
    });
  }

  #change(running: Running, what: Partial<PodState>): void {
    running.pod = { ...running.pod, ...what };
    this.#settled.wake(node, running.pod.uid);
  }

  #of(name: string): Running {
    const running = this.#running.get(name);
    if (!running) throw new Error(`no pod ${name}`);
    return running;
  }
}

function enforce(group: CpuGroup, requestMilli: number, limitMilli: number | null): void {
  group.weight = Math.max(2, requestMilli);
  group.quotaCores = limitMilli === null ? Infinity : limitMilli / 1000;
}
