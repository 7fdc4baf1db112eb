import { BusySource, type NodeSample } from "@walras/proto";

import type { NodeReading, NodeUse } from "../readings.ts";
import type { Rejections } from "../rejections.ts";

/** Timer jitter may squeeze a little more than all of it into a window. */
const mostBusy = 1.25;

/** What a report says of its node; what is not believed is not known. */
export function readNode(sample: NodeSample | undefined, nowMs: number, rejections: Rejections): NodeReading {
  const believed = (field: string, value: number | undefined, most: number): number | null => {
    if (value === undefined) return null;
    if (value >= 0 && value <= most) return value;
    rejections.add("BadNumber", () => `node.${field} ${value}`);
    return null;
  };
  const busy = believed("busy_fraction", sample?.busyFraction, mostBusy);
  return {
    atMs: nowMs,
    busyFraction: busy === null ? null : Math.min(1, busy),
    used: useOf(sample, believed("window_busy_fraction", sample?.windowBusyFraction, mostBusy)),
    memoryTotalBytes: believed("memory_total_bytes", sample?.memoryTotalBytes, Number.MAX_SAFE_INTEGER),
    memoryAvailableBytes: believed("memory_available_bytes", sample?.memoryAvailableBytes, Number.MAX_SAFE_INTEGER),
  };
}

function useOf(sample: NodeSample | undefined, busy: number | null): NodeUse | null {
  if (busy === null) return null;
  const shares = sample?.busySource === BusySource.BUSY_SOURCE_CGROUP_ROOT;
  return { fraction: Math.min(1, busy), of: shares ? "allocatable" : "capacity" };
}
