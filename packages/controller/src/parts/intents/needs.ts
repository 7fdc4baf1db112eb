import type { Runnable } from "@walras/kit";

import type { Gate } from "../../base/access/gate.ts";
import type { Base } from "../../base/base.ts";
import type { ClusterScope } from "../../base/cluster/cluster.ts";
import type { PartContext } from "../part.ts";
import type { IntentFlags } from "./flags.ts";
import type { KnowledgeBase, Meter, ModelSource, Observer, SeenIntent, SeenTarget } from "./loop/ports.ts";
import type { Learner } from "./loop/steps.ts";
import type { IntentMetrics } from "./metrics.ts";
import type { ProfileBook } from "./observe/profiles.ts";
import type { IntentStores } from "./observe/stores.ts";
import type { IntentConfig } from "./readConfig.ts";

/** What planning for intents works with beside the cluster. */
export interface World {
  readonly observer: Observer;
  /** What an intent is about at this moment; null: there is no such workload. */
  readonly targetOf: (seen: SeenIntent) => SeenTarget | null;
  readonly profiles: ProfileBook;
  readonly meter: Meter;
}

/** What was known and learnt before. */
export interface Memory {
  readonly knowledge: KnowledgeBase;
  readonly models: ModelSource;
  readonly learner: Learner;
  readonly runnables: readonly Runnable[];
}

/** All that is wired beneath the loop. */
export interface Needs {
  readonly around: PartContext["around"];
  readonly base: Base;
  readonly flags: IntentFlags;
  readonly config: IntentConfig;
  readonly scope: ClusterScope;
  readonly stores: IntentStores;
  readonly gate: Gate;
  readonly metrics: IntentMetrics;
}

/** What asks others than the API server: tests give it otherwise. */
export interface Outside {
  readonly world: (needs: Needs) => World;
  readonly memory: (needs: Needs) => Memory;
}
