import type { Base } from "../../base/base.ts";
import type { Gate } from "../../base/access/gate.ts";
import type { Surroundings } from "../../base/config/surroundings.ts";
import type { SlotPolicy } from "./decide/policy.ts";
import type { JobAnnouncer } from "./explain/events.ts";
import type { BatchFlags } from "./flags.ts";
import type { BatchMetrics } from "./metrics.ts";
import type { Runs } from "./observe/cluster/runs.ts";
import type { BatchStores } from "./observe/cluster/stores.ts";

/** What the pieces of this part are wired with. */
export interface Needs {
  readonly flags: BatchFlags;
  readonly around: Surroundings;
  readonly base: Base;
  readonly metrics: BatchMetrics;
  readonly policy: SlotPolicy;
  readonly stores: BatchStores;
  readonly runs: Runs;
  readonly gate: Gate;
  readonly announcer: JobAnnouncer;
}
