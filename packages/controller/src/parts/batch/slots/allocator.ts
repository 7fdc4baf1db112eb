import type { Clock } from "@walras/kit";

import type { ScaledRef } from "../decide/asker.ts";
import { NotKnown } from "../decide/notKnown.ts";
import { boundJobs, type SlotJob, takesSlot } from "../decide/job.ts";
import { type Grant, takeUp, unfinishedByOwner } from "../decide/grants.ts";
import { type Slot, slotOf } from "../decide/slot.ts";
import type { SlotPolicy } from "../decide/policy.ts";
import { type KedaCounts, mostNew, type Scaling, valueFor } from "../decide/scaling.ts";
import type { JobChange, SlotDemand, SlotTelemetry, SlotView } from "./ports.ts";
import { KedaCounter } from "./kedaCounts.ts";
import { Stranded, type StrandedJob } from "./stranded.ts";
import { mostTriggers, type Need, Triggers } from "./triggers.ts";
import { Wants } from "./wants.ts";
import { type Claimant, turns } from "../decide/turn.ts";

export interface SlotAllocatorOptions {
  readonly view: SlotView;
  readonly telemetry: SlotTelemetry;
  readonly demand: SlotDemand;
  readonly policy: SlotPolicy;
  readonly clock: Clock;
  /** @param free slots that could have been granted */
  readonly onGranted?: (owner: string, slots: number, free: number) => void;
  /** A Job that no node takes holds no slot any more. */
  readonly onStranded?: (stranded: StrandedJob) => void;
}

/** What an owner has: Jobs, and grants that no Job has taken up yet. */
export interface Holding {
  readonly unfinished: number;
  readonly granted: number;
}

/**
 * Who may start a job now. A slot is an eligible node below the threshold on
 * which no job is; it is promised by a grant, taken by a Job, and free again
 * when the Job's pod has ended. All triggers share the slots: together they
 * are granted no more than there are.
 */
export class SlotAllocator {
  readonly #options: SlotAllocatorOptions;
  readonly #triggers = new Triggers();
  readonly #wants = new Wants();
  readonly #stranded: Stranded;
  readonly #counter: KedaCounter;
  /** Jobs that have taken up a grant, or needed none, by UID. */
  readonly #started = new Set<string>();
  readonly #askers = new Set<string>();
  #grants: readonly Grant[] = [];

  constructor(options: SlotAllocatorOptions) {
    this.#options = options;
    const { view, policy, clock, onStranded } = options;
    this.#counter = new KedaCounter(view, clock);
    this.#stranded = new Stranded({ view, strandedMs: policy.strandedMs, onStranded });
  }

  /**
   * Hears of each Job as it changes: one that starts takes up a grant of its
   * owner, however soon it ends after that.
   */
  hear({ type, item }: JobChange): void {
    if (type === "deleted" || item.suspended) {
      this.#started.delete(item.uid);
    } else if (!this.#started.has(item.uid)) {
      this.#started.add(item.uid);
      this.#grants = takeUp(this.#grants, item.owner);
    }
  }

  /** Every node's slot now. */
  slots(): readonly Slot[] {
    const { view, telemetry, policy } = this.#options;
    const occupants = this.#occupants();
    return [...view.nodes()].map((node) => slotOf(node, telemetry.cpu(node.name), occupants.get(node.name), policy));
  }

  /** Slots that may still be granted. */
  free(): number {
    this.#settle();
    return this.#unpromised(this.slots());
  }

  /** Grants that no Job has taken up yet. */
  grants(): readonly Grant[] {
    this.#settle();
    return this.#grants;
  }

  /** Whether a trigger of `owner` has ever asked this process. */
  asked(owner: string): boolean {
    return this.#askers.has(owner);
  }

  /** Jobs that no node takes. */
  get stranded(): number {
    return this.#stranded.size;
  }

  /**
   * What a KEDA trigger is to say so that KEDA makes as many jobs as are
   * granted; 0 where no more are to be made. Asking again changes nothing.
   * What KEDA sees may be old: after the API server was away its watches are
   * silent for up to half a minute more, and telling of jobs that run would
   * have it make them anew with each poll. And what it counts when it makes
   * them may be newer: what may not run or wait any more by then is not told.
   */
  poll(ref: ScaledRef): { readonly value: number; readonly active: boolean } {
    const { demand, clock } = this.#options;
    const owner = `${ref.namespace}/${ref.name}`;
    const wanted = demand.wanted(ref);
    const scaling = demand.scaling(ref);
    if (!scaling) return { value: 0, active: false };
    if (this.#askers.size < mostTriggers) this.#askers.add(owner);
    const trigger = JSON.stringify(ref.metadata);
    this.#wants.note(owner, trigger, () => demand.wanted(ref), clock.monotonicMs());
    const { least, most } = this.#counter.count(owner, scaling);
    const total = (unfinished: number): number => this.#wants.total(owner, scaling.combined, unfinished);
    const { unfinished, granted } = this.ask(owner, this.#needOf(owner, scaling, most, total));
    const jobs = wanted > unfinished ? Math.min(granted, total(unfinished) - unfinished) : 0;
    const value = this.#speaks(owner, trigger, scaling, jobs) ? valueFor(scaling, least, jobs) : 0;
    return { value, active: value > 0 };
  }

  /** What is wanted, as far as KEDA would make it and nodes would take it. */
  #needOf(owner: string, scaling: Scaling, counts: KedaCounts, total: Need): Need {
    const more = mostNew(scaling, counts);
    const taking = unfinishedByOwner(this.#options.view.jobs()).get(owner) ?? 0;
    return (unfinished) => Math.min(total(unfinished), taking + more, unfinished + this.#allowance(owner));
  }

  /** Where KEDA adds the triggers' values up, one of them tells it all. */
  #speaks(owner: string, trigger: string, { combined }: Scaling, jobs: number): boolean {
    return jobs > 0 && (combined !== "sum" || this.#wants.speaks(owner, trigger, this.#options.clock.monotonicMs()));
  }

  /** Jobs that the owner may have beyond those that it has made. */
  #allowance(owner: string): number {
    if (!this.#stranded.rests(owner)) return Infinity;
    const granted = this.#grants.filter((grant) => grant.owner === owner).length;
    const waits = this.#onTheirWay().filter((job) => job.owner === owner);
    return granted + this.#stranded.allowance(owner, granted + waits.length, this.#options.clock.monotonicMs());
  }

  /**
   * Grants `owner` as many slots as are its turn among all that have asked
   * lately, and tells what it has with those.
   *
   * @throws NotKnown where slots or need are not known
   */
  ask(owner: string, need: Need): Holding {
    const slots = this.slots();
    this.#mustKnow(slots);
    this.#triggers.note(owner, need, this.#options.clock.monotonicMs());
    this.#settle();
    const unfinished = unfinishedByOwner(this.#options.view.jobs());
    const free = this.#unpromised(slots);
    if (free > 0) this.#serve(owner, free, unfinished);
    return {
      unfinished: unfinished.get(owner) ?? 0,
      granted: this.#grants.filter((grant) => grant.owner === owner).length,
    };
  }

  #unpromised(slots: readonly Slot[]): number {
    const free = slots.filter(({ state }) => state === "free").length;
    const { jobs, grants } = this.promised();
    return Math.max(0, free - jobs - grants);
  }

  /** Grants `owner` what is its turn of what is free. */
  #serve(owner: string, free: number, unfinished: ReadonlyMap<string, number>): void {
    const atMs = this.#options.clock.monotonicMs();
    const claimants = this.#claimants(unfinished);
    const order = turns(this.#triggers.rivals(owner, claimants, atMs), free);
    const count = order.filter((one) => one === owner).length;
    if (count === 0) return;
    this.#grants = [...this.#grants, ...Array.from({ length: count }, () => ({ owner, atMs }))];
    this.#triggers.served(owner, count, claimants, atMs);
    this.#options.onGranted?.(owner, count, free);
  }

  /** @throws NotKnown: never a guess */
  #mustKnow(slots: readonly Slot[]): void {
    const { view, telemetry } = this.#options;
    const stale = view.stale();
    if (stale.length > 0) throw new NotKnown(`not current: ${stale.join(", ")}`);
    const trouble = telemetry.trouble();
    if (trouble !== null) throw new NotKnown(trouble);
    const eligible = slots.filter(({ state }) => state !== "ineligible");
    if (eligible.length > 0 && eligible.every(({ state }) => state === "unknown")) {
      throw new NotKnown(`CPU is not known of any eligible node: ${eligible[0]?.node}: ${eligible[0]?.detail}`);
    }
  }

  /** Forgets what is past. */
  #settle(): void {
    const { clock, policy } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#grants = this.#grants.filter(({ atMs }) => nowMs - atMs < policy.grantMs);
    this.#triggers.forget(nowMs, policy.pollMemoryMs);
    this.#wants.forget(nowMs, policy.pollMemoryMs);
    if (this.#stranded.isDue(nowMs)) this.#stranded.look(this.#hasRoom(), nowMs);
  }

  /** Whether some node is known to have a free slot. */
  #hasRoom(): boolean {
    const { view, telemetry } = this.#options;
    const isKnown = view.stale().length === 0 && telemetry.trouble() === null;
    return isKnown && this.slots().some(({ state }) => state === "free");
  }

  /** Slots that will be taken: by jobs that are on no node yet, and have not been for too long, and by grants. */
  promised(): { readonly jobs: number; readonly grants: number } {
    return { jobs: this.#onTheirWay().length, grants: this.#grants.length };
  }

  /** Jobs that are on no node yet, and have not been for too long. */
  #onTheirWay(): readonly SlotJob[] {
    const { view } = this.#options;
    const bound = boundJobs(view.pods());
    return [...view.jobs()].filter((job) => takesSlot(job) && !bound.has(job.uid) && !this.#stranded.has(job.uid));
  }

  #occupants(): ReadonlyMap<string, string> {
    const occupants = new Map<string, string>();
    for (const { node, ended, namespace, name } of this.#options.view.pods()) {
      if (!ended && node !== "") occupants.set(node, `${namespace}/${name}`);
    }
    return occupants;
  }

  #claimants(unfinished: ReadonlyMap<string, number>): readonly Claimant[] {
    const granted = new Map<string, number>();
    for (const { owner } of this.#grants) granted.set(owner, (granted.get(owner) ?? 0) + 1);
    return this.#triggers.claimants(unfinished, granted);
  }
}
