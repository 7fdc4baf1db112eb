import type { Preemptor } from "../act/preemptor.ts";
import type { Budget } from "../decide/preempt/budget.ts";
import type { Nomination, Preempting, RoomMade } from "../decide/preempt/nomination.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import type { Nominations } from "./nominations.ts";

/** What is told of making room. */
export interface RoomObserver {
  nominated(nomination: Nomination): void;
  /** @param why not all who were to leave have left */
  notMade(nomination: Nomination, why: string): void;
}

export interface RoomMakingOptions {
  readonly nominations: Nominations;
  readonly preemptor: Preemptor;
  readonly budgets: () => readonly Budget[];
  readonly observer: RoomObserver;
  /** Looks again for a place for these. */
  readonly retry: (pods: readonly SchedPod[]) => void;
}

/** Has done what a cycle decided about who leaves for whom. */
export class RoomMaking {
  readonly #options: RoomMakingOptions;

  constructor(options: RoomMakingOptions) {
    this.#options = options;
  }

  get preempting(): Preempting {
    const { nominations, budgets } = this.#options;
    return {
      nominations: nominations.all,
      waits: (uid) => nominations.waits(uid),
      budgets: budgets(),
      spared: nominations.spared,
    };
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
