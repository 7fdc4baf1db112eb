import type { ScalerObserver } from "../batch/scaler/service.ts";
import type { Slot } from "../batch/slots/node.ts";
import type { Metrics } from "./metrics.ts";

export function scalerObserver(metrics: Metrics): ScalerObserver {
  return {
    answered: ({ method, code, durationMs }) => {
      metrics.scalerCalls.inc({ method, code });
      metrics.scalerSeconds.observe(durationMs / 1000);
    },
  };
}

/** @param free null: not known */
export function setSlots(metrics: Metrics, slots: readonly Slot[], free: number | null, grants: number): void {
  metrics.freeNodes.set(free ?? NaN);
  metrics.grants.set(grants);
  for (const state of ["free", "busy", "occupied", "unknown", "ineligible"] as const) {
    metrics.slots.set({ state }, slots.filter((slot) => slot.state === state).length);
  }
}
