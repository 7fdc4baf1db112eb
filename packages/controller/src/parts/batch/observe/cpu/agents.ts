import type { Clock } from "@walras/kit";

import type { Ledger } from "../../../../base/telemetry/ledger/ledger.ts";
import type { SlotTelemetry } from "../../slots/ports.ts";

/** CPU of nodes as their agents tell it. */
export function agentTelemetry(ledger: Pick<Ledger, "node">, clock: Clock): SlotTelemetry {
  return {
    trouble: () => null,
    cpu: (node) => {
      const reading = ledger.node(node);
      if (!reading || reading.busyFraction === null) return null;
      return { busyFraction: reading.busyFraction, ageMs: clock.monotonicMs() - reading.atMs };
    },
  };
}
