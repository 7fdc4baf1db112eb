import { describeError, type Logger } from "@walras/kit";
import { applyObject, type KubeTransport, resources, type Write } from "@walras/kube";

import { writePriority } from "../../../base/access/priorities.ts";
import type { Slot } from "../decide/slot.ts";
import { labelsOf, type RankLabels, rankFree } from "../decide/rank.ts";

/** Ours alone, so that what we wrote is told from what others wrote. */
export const rankManager = "walras-batch";
export const slotLabel = "posture/slot";
export const rankLabel = "posture/rank";

/** A job that waits for the label of a node that has become free waits this long at most. */
export const rankEveryMs = 500;

/** Writes a node's labels; no labels: takes ours away. */
export interface RankPort {
  write(node: string, labels: RankLabels | null): Promise<void>;
}

/** Server-side apply: what is not named any more is removed, and only ours is touched. */
export function rankPort(transport: KubeTransport): RankPort {
  return {
    write: async (node, labels) => {
      const wanted = labels && {
        [rankLabel]: labels.rank,
        ...(labels.slot === undefined ? {} : { [slotLabel]: labels.slot }),
      };
      const target = { resource: resources.node, name: { namespace: "", name: node } };
      const options = { fieldManager: rankManager, force: true };
      await applyObject(transport, target, { metadata: wanted ? { labels: wanted } : {} }, options);
    },
  };
}

export interface RankerOptions {
  readonly slots: () => readonly Slot[];
  /** Labels that the node has. */
  readonly labels: (node: string) => Readonly<Record<string, string>>;
  readonly port: RankPort;
  readonly enqueue: (write: Write) => void;
  readonly logger: Logger;
}

/** Keeps `posture/slot` and `posture/rank` in the order of free CPU. */
export class Ranker {
  readonly #options: RankerOptions;
  #order: readonly string[] = [];

  constructor(options: RankerOptions) {
    this.#options = options;
  }

  /** Writes what has changed. */
  rank(): void {
    const { slots, enqueue, labels: has, port, logger } = this.#options;
    const current = slots();
    this.#order = rankFree(current, this.#order);
    for (const [node, wanted] of labelsOf(current, this.#order)) {
      if (isWritten(has(node), wanted)) continue;
      enqueue({
        key: `rank ${node}`,
        priority: writePriority.nodeLabel,
        write: async () => {
          await port.write(node, wanted);
          logger.debug({ node, ...wanted }, "ranked");
        },
      });
    }
    this.#leaveOthers(current);
  }

  /** A node that takes no jobs any more loses what we wrote. */
  #leaveOthers(slots: readonly Slot[]): void {
    const { labels, enqueue, port, logger } = this.#options;
    for (const { node, state } of slots) {
      if (state !== "ineligible" || labels(node)[rankLabel] === undefined) continue;
      enqueue({
        key: `rank ${node}`,
        priority: writePriority.nodeLabel,
        write: () =>
          port
            .write(node, null)
            .catch((error: unknown) => logger.warn({ node, error: describeError(error) }, "rank not removed")),
      });
    }
  }
}

function isWritten(labels: Readonly<Record<string, string>>, { slot, rank }: RankLabels): boolean {
  return labels[rankLabel] === rank && labels[slotLabel] === slot;
}
