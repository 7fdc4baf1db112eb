import { gatedWrites, type Gate } from "../../base/access/gate.ts";
import type { Part, PartContext } from "../part.ts";
import { preemptPort } from "./act/preemptPort.ts";
import { Preemptor, type PreemptorOptions } from "./act/preemptor.ts";
import { DefragmentationTeller } from "./explain/defragmentations.ts";
import { PreemptionTeller } from "./explain/preemptions.ts";
import { gpuVerdicts } from "./explain/verdicts.ts";
import type { GpuFlags } from "./flags.ts";
import { Defragmenting, type DefragmentingOptions } from "./loop/defragmenting.ts";
import { Planners } from "./loop/planners.ts";
import { RoomMaking, type RoomMakingOptions } from "./loop/roomMaking.ts";
import type { GpuMetrics } from "./metrics.ts";
import type { GpuStores } from "./observe/cluster/stores.ts";
import type { GpuFacts } from "./observe/facts.ts";

export type Wiring = Pick<PartContext, "around" | "base">;

/** What all of it works with. */
export interface Needs {
  readonly flags: GpuFlags;
  readonly stores: GpuStores;
  readonly gate: Gate;
  readonly metrics: GpuMetrics;
  readonly facts: GpuFacts;
}

interface Making extends Pick<RoomMakingOptions, "nominations" | "retry"> {
  readonly outdated: PreemptorOptions["outdated"];
}

/** Who leaves for whom. */
export function wireRoomMaking({ around, base }: Wiring, needs: Needs, making: Making): RoomMaking {
  const { stores, gate, metrics, flags } = needs;
  const observer = new PreemptionTeller({
    teller: base.teller("gpu", "Preempting", gpuVerdicts),
    counts: { evicted: (by) => metrics.preempted.inc({ by }) },
    pods: () => [...stores.pods.values()].filter(({ ours }) => ours),
  });
  const preemptor = new Preemptor({
    port: preemptPort(base.transport, gatedWrites(base.writes, gate)),
    outdated: making.outdated,
    evicted: (victim, nomination) => observer.evicted(victim, nomination),
    logger: around.logger,
  });
  return new RoomMaking({
    ...making,
    preemptor,
    observer,
    budgets: () => [...stores.budgets.values()],
    evicts: flags.gpuPreemption,
  });
}

/** Moves for those who wait. */
export function wireDefragmenting(
  { around, base }: Wiring,
  { flags, stores, gate, metrics }: Needs,
  { world, roomMaking }: Pick<DefragmentingOptions, "world"> & { readonly roomMaking: RoomMaking },
): Pick<Part, "runnables" | "views"> {
  if (flags.gpuDefragment === "off") return { runnables: [], views: {} };
  const observer = new DefragmentationTeller({
    teller: base.teller("gpu", "Defragmenting", gpuVerdicts),
    clock: around.clock,
    counts: {
      planned: ({ moves, admits }) => {
        metrics.defragmentationMoves.set(moves);
        metrics.defragmentationAdmits.set(admits);
      },
    },
  });
  const defragmenting = new Defragmenting({
    gate,
    world,
    waiting: () => stores.waiting(),
    budgets: () => [...stores.budgets.values()],
    planners: new Planners(),
    roomMaking: flags.gpuDefragment === "move" ? roomMaking : null,
    observer,
  });
  const everyMs = flags.gpuDefragmentEvery * 1000;
  const loop = base.repeating("gpu defragmentation", everyMs, () => defragmenting.run());
  const read = (): object => ({ defragmentation: observer.view() });
  return { runnables: [loop], views: { "/gpu": { namesPods: true, read } } };
}
