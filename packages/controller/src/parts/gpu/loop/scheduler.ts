import { type Clock, describeError, type Logger } from "@walras/kit";

import type { Gate } from "../../../base/access/gate.ts";
import type { Binder } from "../act/binder.ts";
import type { Allocator } from "../act/claims/allocator.ts";
import { Refused } from "../act/refused.ts";
import { ClaimBook } from "../decide/claims/book.ts";
import { type CycleResult, decideCycle, type Failure } from "../decide/schedule/cycle.ts";
import type { Devices } from "../decide/schedule/node.ts";
import type { Decision } from "../decide/schedule/placer.ts";
import { evictedInVain } from "../decide/preempt/outdated.ts";
import type { Nomination } from "../decide/preempt/nomination.ts";
import { hasClaims, type SchedPod } from "../decide/schedule/pod.ts";
import { outdated } from "../decide/schedule/revalidate.ts";
import { placesOf, type SchedWorld, seatsOf, type Site } from "../decide/schedule/site.ts";
import { currentFacts, type GpuFacts } from "../observe/facts.ts";
import type { GpuStores } from "../observe/cluster/stores.ts";
import type { Assumptions } from "./assumptions.ts";
import type { Nominations } from "./nominations.ts";
import type { Planners } from "./planners.ts";
import type { SchedulingQueue } from "./queue.ts";
import type { RoomMaking } from "./roomMaking.ts";

/** What is told of what comes out. */
export interface SchedulerObserver {
  decided(result: CycleResult, devices: Devices): void;
  failed(failure: Failure): void;
  bound(decision: Decision): void;
  refused(decision: Decision, message: string): void;
}

export interface GpuSchedulerOptions {
  readonly stores: GpuStores;
  readonly facts: GpuFacts;
  readonly gate: Gate;
  readonly binder: Binder;
  readonly allocator: Allocator;
  readonly assumptions: Assumptions;
  readonly nominations: Nominations;
  readonly roomMaking: RoomMaking;
  readonly queue: SchedulingQueue;
  readonly planners: Planners;
  readonly observer: SchedulerObserver;
  /** Runs the next cycle as soon as may be. */
  readonly hurry: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const none: Assumptions["all"] = new Map();
const nothingTaken = { assumed: none, nominated: none };

/** A binding of which nobody knows what became of it is looked at again. */
const doubtfulMs = 10_000;

/** The scheduling cycle: who waits, where to, and the binding, which goes on while the next cycle runs. */
export class GpuScheduler {
  readonly #options: GpuSchedulerOptions;
  #devices: Devices = new Map();
  #seats: Site["seats"] = new Map();
  /** Who sits where may be otherwise. */
  #mapsStirred = false;
  #stirred = true;
  #told = "";

  constructor(options: GpuSchedulerOptions) {
    this.#options = options;
    options.stores.onStirred(({ wakes, maps, urgent }) => {
      if (wakes) options.queue.wake();
      if (maps) this.#mapsStirred = true;
      this.#stirred = true;
      if (urgent) options.hurry();
    });
  }

  /** One cycle. Nothing is done where nothing has changed and nobody's turn has come. */
  run(): void {
    const { gate, stores, queue, planners } = this.#options;
    if (!gate.mayAct()) return;
    this.#settle();
    this.#look();
    const unbound = stores.waiting();
    queue.keep(new Set(unbound.map(({ uid }) => uid)));
    const waiting = unbound.filter(({ gated, uid }) => !gated && !this.#options.assumptions.all.has(uid));
    const isReady = this.#turns();
    if (!this.#stirred && !waiting.some(({ uid }) => isReady(uid))) return;
    this.#stirred = false;
    const world = stores.world(this.#devices, this.#taken);
    const preempting = this.#options.roomMaking.preempting;
    const result = decideCycle(world, { pods: waiting, isReady }, planners.of(world), preempting);
    this.#seats = result.site.seats;
    this.#mapsStirred = false;
    this.#act(result);
  }

  /** The cluster as the last cycle saw it, with what has become known since. */
  world(): SchedWorld {
    return this.#options.stores.world(this.#devices, this.#taken);
  }

  /** Why a decision cannot be any more, by what is known at this moment; null: it can. */
  outdated(decision: Decision): string | null {
    const { stores, facts, assumptions } = this.#options;
    const { pod, node: name } = decision;
    const node = stores.node(name);
    const devices = currentFacts(facts, [{ name }]);
    const near = [...stores.pods.group(name), ...stores.waiting()].filter(({ uid }) => uid !== pod.uid);
    // Room that is made for others was reckoned with when this was decided; until they have it nobody is kept from his.
    const places = placesOf(near, { devices, assumed: assumptions.all, nominated: none });
    // Who is to have others than he claims still has the claim, until that is written over: a late binding may be for it.
    const marked = placesOf(near, { devices, ...nothingTaken }).values();
    const left = [...marked].filter(({ pod: { uid }, claimed }) => claimed && assumptions.all.has(uid));
    const others = [...places.values(), ...left].filter((place) => place.node === name);
    const seats = this.#seatsNow();
    const claims = this.#claimsBeside(pod.uid);
    return outdated(decision, { pod: stores.pods.get(pod.uid), node, devices, others, seats, claims });
  }

  /** Who has and is going to have which device, but for this pod. */
  #claimsBeside(uid: string): ClaimBook {
    const { assumptions, stores } = this.#options;
    const others = [...assumptions.all].filter(([of]) => of !== uid);
    return new ClaimBook(
      stores.claims,
      others.map(([, { claims }]) => claims),
    );
  }

  /** Why somebody would be evicted in vain, by what is known at this moment; null: he would not. */
  inVain(nomination: Nomination): string | null {
    const { stores, facts, nominations } = this.#options;
    const { node: name, pod } = nomination;
    if (!nominations.has(pod.uid)) return "another place was found";
    const devices = currentFacts(facts, [{ name }]);
    const near = [...stores.pods.group(name), ...stores.waiting()];
    const places = [...placesOf(near, { devices, ...this.#taken }).values()].filter((place) => place.node === name);
    const seats = this.#seatsNow();
    return evictedInVain(nomination, {
      pod: stores.pods.get(pod.uid),
      node: stores.node(name),
      devices,
      places,
      seats,
      going: nominations.going,
    });
  }

  get #taken(): Pick<SchedWorld, "assumed" | "nominated"> {
    const { assumptions, nominations } = this.#options;
    return { assumed: assumptions.all, nominated: nominations.nominated };
  }

  #settle(): void {
    const { assumptions, nominations, stores } = this.#options;
    const podOf = (uid: string): SchedPod | undefined => stores.pods.get(uid);
    assumptions.settle(podOf);
    nominations.settle(podOf);
  }

  /** Those for whom others leave have their turn with every change. */
  #turns(): (uid: string) => boolean {
    const { queue, nominations } = this.#options;
    const stirred = this.#stirred;
    return (uid) => queue.isReady(uid) || (stirred && nominations.has(uid)) || nominations.isOver(uid);
  }

  #seatsNow(): Site["seats"] {
    if (!this.#mapsStirred) return this.#seats;
    this.#mapsStirred = false;
    this.#seats = seatsOf(this.#options.stores.world(this.#devices, this.#taken)).seats;
    return this.#seats;
  }

  /** What agents tell is not told as it changes: it is looked at. */
  #look(): void {
    const { facts, stores, queue } = this.#options;
    this.#devices = currentFacts(facts, stores.nodes.values());
    const now = JSON.stringify([...this.#devices]);
    if (now === this.#told) return;
    this.#told = now;
    this.#stirred = true;
    queue.wake();
  }

  #act(result: CycleResult): void {
    const { assumptions, queue, observer, roomMaking } = this.#options;
    const decided = [...result.batches.flat(), ...result.failures].map(({ pod }) => pod);
    roomMaking.act(result.room, decided);
    for (const batch of result.batches) {
      for (const decision of batch) assumptions.assume(decision);
      void this.#bindAll(batch);
    }
    const { waits } = this.#options.stores.rivalry();
    for (const failure of result.failures) {
      // What others leave is to be had after a while, and nothing tells of that.
      if (waits && hasClaims(failure.pod)) queue.refused(failure.pod.uid);
      else queue.unschedulable(failure.pod.uid);
      observer.failed(failure);
    }
    observer.decided(result, this.#devices);
  }

  async #bindAll(batch: readonly Decision[]): Promise<void> {
    const { binder, allocator } = this.#options;
    try {
      const versions = await binder.claim(batch);
      await allocator.allocate(batch);
      await Promise.all(batch.map((decision, index) => this.#bind({ decision, version: versions[index] ?? "" })));
    } catch (error) {
      for (const decision of batch) this.#giveUp(decision, error);
    }
  }

  async #bind(claimed: Claimed): Promise<void> {
    const { binder, allocator, clock, logger, observer } = this.#options;
    const { decision } = claimed;
    try {
      await binder.bind(claimed.decision, claimed.version);
      allocator.keep(decision.pod);
      observer.bound(decision);
    } catch (error) {
      if (error instanceof Refused) {
        this.#giveUp(decision, error);
        return;
      }
      // It may be bound, or be bound yet: its place stays taken until that is known.
      logger.warn({ pod: decision.pod.name, error: describeError(error) }, "not known whether a pod is bound");
      clock.after(doubtfulMs, () => void this.#bind(claimed));
    }
  }

  #giveUp(decision: Decision, error: unknown): void {
    const { assumptions, queue, observer, stores, hurry, allocator } = this.#options;
    const { pod, node } = decision;
    const now: SchedPod | undefined = stores.pods.get(pod.uid);
    if (now?.node === node) {
      allocator.keep(pod);
      observer.bound(decision);
      return;
    }
    void allocator.undo(pod);
    assumptions.forget(pod.uid);
    queue.refused(pod.uid);
    if (now) observer.refused(decision, describeError(error));
    this.#stirred = true;
    hurry();
  }
}

interface Claimed {
  readonly decision: Decision;
  readonly version: string;
}
