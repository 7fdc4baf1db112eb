import { describeError, type Logger, Once } from "@walras/kit";
import { applyObject, type KubeTransport, mergePatch, resources, type Write } from "@walras/kube";

import { writePriority } from "../../../base/access/priorities.ts";
import type { Slot } from "../decide/slot.ts";
import {
  type LabelOwners,
  labelsOf,
  othersLabels,
  rankFree,
  type RankLabels,
  rankManager,
  writtenOf,
} from "../decide/rank.ts";

/** A job that waits for the label of a node that has become free waits this long at most. */
export const rankEveryMs = 500;

type Labels = Readonly<Record<string, string>>;

/** What is to be written of a node. */
export interface RankWrite {
  /** Those of ours; what is not named any more is taken away, if it is ours. */
  readonly labels: Labels;
  /** Those of others that it is not to have. */
  readonly without: readonly string[];
}

/** Writes a node's labels. */
export interface RankPort {
  write(node: string, what: RankWrite): Promise<void>;
}

/**
 * Server-side apply: what is not named any more is removed, and only ours is
 * touched. Without `force` it is refused where somebody else was faster.
 */
export function rankPort(transport: KubeTransport, force: boolean): RankPort {
  return {
    write: async (node, { labels, without }) => {
      const target = { resource: resources.node, name: { namespace: "", name: node } };
      if (without.length > 0) {
        const gone = Object.fromEntries(without.map((label) => [label, null]));
        await mergePatch(transport, target, { metadata: { labels: gone } });
      }
      const metadata = Object.keys(labels).length > 0 ? { labels } : {};
      await applyObject(transport, target, { metadata }, { fieldManager: rankManager, force });
    },
  };
}

/** What a node has of these labels, and who wrote them. */
export interface RankedNode {
  readonly labels: Labels;
  readonly labelOwners: LabelOwners;
}

export interface RankerOptions {
  readonly slots: () => readonly Slot[];
  readonly node: (name: string) => RankedNode | undefined;
  /** Labels that others wrote are ours to write as well. */
  readonly takes: boolean;
  readonly port: RankPort;
  readonly enqueue: (write: Write) => void;
  readonly logger: Logger;
}

/** Keeps `posture/slot` and `posture/rank` in the order of free CPU, where nobody else has set them. */
export class Ranker {
  readonly #options: RankerOptions;
  readonly #told = new Once();
  #order: readonly string[] = [];

  constructor(options: RankerOptions) {
    this.#options = options;
  }

  /** Writes what has changed. A node that takes no jobs any more loses what we wrote. */
  rank(): void {
    const current = this.#options.slots();
    this.#order = rankFree(current, this.#order);
    const wanted = labelsOf(current, this.#order);
    for (const { node } of current) this.#rankOne(node, wanted.get(node) ?? null);
  }

  #rankOne(name: string, wanted: RankLabels | null): void {
    const node = this.#options.node(name);
    if (!node) return;
    const others = othersLabels(node.labelOwners);
    const { takes } = this.#options;
    if (wanted !== null && !takes) this.#tellOthers(name, others);
    const labels = writtenOf(wanted, takes ? new Map<string, string>() : others);
    const without = takes && wanted !== null ? [...others.keys()].filter((label) => labels[label] === undefined) : [];
    if (without.length > 0 || !isWritten(node, labels)) this.#enqueue(name, { labels, without });
  }

  #enqueue(node: string, what: RankWrite): void {
    const { enqueue, port, logger } = this.#options;
    const write = async (): Promise<void> => {
      try {
        await port.write(node, what);
        logger.debug({ node, ...what.labels }, "ranked");
      } catch (error) {
        logger.warn({ node, error: describeError(error) }, "rank not written");
      }
    };
    enqueue({ key: `rank ${node}`, priority: writePriority.nodeLabel, write });
  }

  #tellOthers(node: string, others: ReadonlyMap<string, string>): void {
    const text = [...others].map(([label, manager]) => `${label}, which ${manager} has set`).join(", ");
    if (!this.#told.isNews(node, text === "" ? undefined : text)) return;
    const how = "--batch-rank-take overwrites such labels; kubectl label node NODE LABEL- hands one over";
    this.#options.logger.warn({ node, how }, `left alone: ${text}`);
  }
}

/** Whether the node has exactly these of us. */
function isWritten({ labels, labelOwners }: RankedNode, wanted: Labels): boolean {
  const has = Object.entries(wanted).every(([label, value]) => labels[label] === value);
  const ours = [...labelOwners].filter(([, managers]) => managers.includes(rankManager));
  return has && ours.every(([label]) => wanted[label] !== undefined);
}
