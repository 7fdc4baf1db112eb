import type { Preemptor } from "../act/preemptor.ts";
import type { Budget } from "../decide/preempt/budget.ts";
import type { Nomination, Preempting, RoomMade } from "../decide/preempt/nomination.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import type { Nominations } from "./nominations.ts";

/** What is told of making room. */
interface RoomObserver {
  nominated(nomination: Nomination): void;
  /** @param why not all who were to leave have left */
  notMade(nomination: Nomination, why: string): void;
}

export interface RoomMakingOptions {
  readonly nominations: Nominations;
  readonly preemptor: Preemptor;
  readonly budgets: () => readonly Budget[];
  /** Whether anybody is evicted for a more important one. */
  readonly evicts: boolean;
  readonly observer: RoomObserver;
  /** Looks again for a place for these. */
  readonly retry: (pods: readonly SchedPod[]) => void;
}

/** Has done what a cycle decided about who leaves for whom. */
export class RoomMaking {
  readonly #options: RoomMakingOptions;
  /** UIDs of those for whom others were moved last. */
  #wave: readonly string[] = [];

  constructor(options: RoomMakingOptions) {
    this.#options = options;
  }

  get preempting(): Preempting {
    const { nominations, budgets, evicts } = this.#options;
    return {
      evicts,
      nominations: nominations.all,
      waits: (uid) => nominations.waits(uid),
      budgets: budgets(),
      spared: nominations.spared,
    };
  }

  /** Evicts those who have room elsewhere, unless some of those before are not done. @returns whether it was begun */
  wave(made: readonly Nomination[]): boolean {
    const { nominations } = this.#options;
    if (this.#wave.some((uid) => nominations.has(uid))) return false;
    this.#wave = made.map(({ pod }) => pod.uid);
    nominations.add(made);
    for (const nomination of made) void this.#make([nomination]);
    return true;
  }

  act(room: RoomMade, decided: Iterable<SchedPod>): void {
    const { nominations, preemptor, retry } = this.#options;
    nominations.renew(room, decided);
    retry(room.displaced);
    if (room.displaced.length > 0) void preemptor.giveUp(room.displaced);
    for (const made of room.made) void this.#make(made);
  }

  async #make(made: readonly Nomination[]): Promise<void> {
    const { preemptor, nominations, observer, retry } = this.#options;
    for (const nomination of made) observer.nominated(nomination);
    const why = await preemptor.makeRoom(made);
    if (why === null) return;
    for (const nomination of made) {
      nominations.forget(nomination);
      observer.notMade(nomination, why);
    }
    const pods = made.map(({ pod }) => pod);
    retry(pods);
    await preemptor.giveUp(pods);
  }
}
