import type { Logger } from "@walras/kit";

import type { BaseMetrics } from "../ops/metrics.ts";
import type { ObjectRef, Verdicts } from "../told/decision.ts";
import type { MakeTeller } from "../told/teller.ts";
import type { ConfigObserver } from "./watcher.ts";

/** What is told of the configuration file, on the Lease: there is one wherever a controller runs. */
export const configVerdicts = {
  ConfigurationTaken: {
    about: "Lease",
    event: "Normal",
    meaning: "the configuration file has changed: what holds from now on, and what needs a restart",
  },
  ConfigurationRefused: {
    about: "Lease",
    event: "Warning",
    meaning: "the configuration file is wrong, with line and key: all of the old one still holds",
  },
} as const satisfies Verdicts;

interface Around {
  readonly file: string;
  readonly lease: Pick<ObjectRef, "namespace" | "name">;
  readonly metrics: Pick<BaseMetrics, "configReloads" | "configValid">;
  readonly teller: MakeTeller;
  readonly logger: Logger;
}

/** The log, the metrics and Events. */
export function configObserver({ file, lease, metrics, teller: makeTeller, logger }: Around): ConfigObserver {
  const object: ObjectRef = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...lease, uid: "" };
  const teller = makeTeller("configuration", "Configuration", configVerdicts);
  metrics.configValid.set(1);
  return {
    taken: (applied, waiting) => {
      metrics.configValid.set(1);
      metrics.configReloads.inc({ outcome: "taken" });
      logger.info({ file, applied }, "configuration file is taken again");
      if (waiting.length > 0) logger.warn({ file, flags: waiting }, "needs a restart");
      teller.tell({ object, verdict: "ConfigurationTaken", reason: takenReason(file, applied, waiting) });
    },
    refused: (error) => {
      metrics.configValid.set(0);
      metrics.configReloads.inc({ outcome: "refused" });
      logger.error({ file, error }, "configuration file is refused, the old one still holds");
      teller.tell({ object, verdict: "ConfigurationRefused", reason: `the old one still holds: ${error}` });
    },
  };
}

function takenReason(file: string, applied: readonly string[], waiting: readonly string[]): string {
  const now = applied.length > 0 ? `holds from now on: ${applied.join(", ")}` : "nothing that may change while it runs";
  return waiting.length > 0 ? `${file}: ${now}; needs a restart: ${waiting.join(", ")}` : `${file}: ${now}`;
}
