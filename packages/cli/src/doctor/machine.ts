import { systemClock } from "@walras/kit";
import { sampleOnce } from "@walras/node-agent";

import type { Check } from "./check.ts";

const lookMs = 500;

/** Whether an agent on this machine would see anything. */
export function machineChecks(cgroupRoot: string, procRoot: string): readonly Check[] {
  return [
    {
      name: "cgroups",
      run: async () => {
        const { cgroup, containers } = await sampleOnce({ cgroupRoot, procRoot, forMs: lookMs, clock: systemClock });
        const found = `cgroup ${cgroup}, ${containers.length} containers of pods`;
        if (containers.length > 0) return { verdict: "ok", detail: found };
        return { verdict: "warn", detail: `${found}: is this a node, and is --cgroup-root right?` };
      },
    },
  ];
}
