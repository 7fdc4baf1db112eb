import { getObject, resources } from "@walras/kube";

import type { Cluster } from "../cluster.ts";
import { pause } from "../wait.ts";

const lookMs = 250;
const lease = { namespace: "walras-system", name: "walras-controller" };

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** One leader after another, by what the Lease says. */
export interface Takeover {
  readonly holder: string;
  readonly acquiredMs: number;
  /** From the last renewal of the one before. */
  readonly gapMs: number;
}

/** What the controllers' Lease has said, one record after another. */
export class LeaseLog {
  readonly #cluster: Cluster;
  readonly #specs: LeaseSpec[] = [];
  #looking = true;
  #loop: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#loop = this.#look();
  }

  /** The last that held it. */
  get holder(): string {
    return this.#specs.findLast(({ holderIdentity }) => holderIdentity)?.holderIdentity ?? "";
  }

  /** All but the first. */
  takeovers(): readonly Takeover[] {
    const held = this.#specs.filter(({ holderIdentity }) => holderIdentity);
    return held.flatMap((spec, index) => {
      const before = held[index - 1];
      if (before === undefined || before.leaseTransitions === spec.leaseTransitions) return [];
      const acquiredMs = Date.parse(spec.acquireTime ?? "");
      const gapMs = acquiredMs - Date.parse(before.renewTime ?? "");
      return [{ holder: spec.holderIdentity ?? "", acquiredMs, gapMs }];
    });
  }

  async stop(): Promise<void> {
    this.#looking = false;
    await this.#loop;
  }

  async #look(): Promise<void> {
    while (this.#looking) {
      const read = await getObject(this.#cluster.transport, resources.lease, lease).catch(() => null);
      const { spec } = (read ?? {}) as { readonly spec?: LeaseSpec };
      if (spec !== undefined && spec.renewTime !== this.#specs.at(-1)?.renewTime) this.#specs.push(spec);
      await pause(lookMs);
    }
  }
}
