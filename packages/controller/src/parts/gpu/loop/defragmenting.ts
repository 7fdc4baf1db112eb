import type { Gate } from "../../../base/access/gate.ts";
import { type ClusterPlan, planCluster } from "../decide/defragment/live.ts";
import type { Budget } from "../decide/preempt/budget.ts";
import type { SchedPod } from "../decide/schedule/pod.ts";
import type { SchedWorld } from "../decide/schedule/site.ts";
import type { Planners } from "./planners.ts";
import type { RoomMaking } from "./roomMaking.ts";

/** What is told of plans. */
interface DefragmentationObserver {
  /** @param moves whether it is being done */
  planned(plan: ClusterPlan, moves: boolean): void;
}

export interface DefragmentingOptions {
  readonly gate: Gate;
  readonly world: () => SchedWorld;
  readonly waiting: () => readonly SchedPod[];
  readonly budgets: () => readonly Budget[];
  /** Its own: a plan that is not carried out is not learnt from. */
  readonly planners: Planners;
  /** null: it is planned, and nothing is moved. */
  readonly roomMaking: Pick<RoomMaking, "wave"> | null;
  readonly observer: DefragmentationObserver;
}

/** Plans moves for those who wait, and carries them out where that is wanted, one wave at a time. */
export class Defragmenting {
  readonly #options: DefragmentingOptions;

  constructor(options: DefragmentingOptions) {
    this.#options = options;
  }

  run(): void {
    const { gate, planners, budgets, roomMaking, observer } = this.#options;
    if (!gate.mayAct()) return;
    const world = this.#options.world();
    const isFree = ({ gated, uid }: SchedPod): boolean =>
      !gated && !world.assumed.has(uid) && !world.nominated.has(uid);
    const waiting = this.#options.waiting().filter(isFree);
    const plan = planCluster({ world, waiting, budgets: budgets(), planner: planners.of(world) });
    const moves = plan.nominations.length > 0 && (roomMaking?.wave(plan.nominations) ?? false);
    observer.planned(plan, moves);
  }
}
