import { Planner } from "../decide/planner.ts";
import { gpuPodOf } from "../decide/schedule/maps.ts";
import { type Device, wholeOnes } from "../decide/schedule/node.ts";
import type { SchedWorld } from "../decide/schedule/site.ts";

/** Whoever makes up pods of ever other sizes does not fill the memory. */
const mostShapes = 5_000;

/** The planner, which goes on learning from cycle to cycle. */
export class Planners {
  #planner: Planner | undefined;
  #sizes = "";

  /** The one to decide with. It begins anew where nodes of another size have come, with what stands in the cluster. */
  of({ nodes, devices, pods }: SchedWorld): Planner {
    const counts = nodes.map(
      ({ name, allocatable }) => countOf(devices.get(name)) ?? allocatable["nvidia.com/gpu"] ?? 0,
    );
    const sizes = [...new Set(counts)].toSorted((one, other) => one - other).join(",");
    if (this.#planner && sizes === this.#sizes && this.#planner.shapes < mostShapes) return this.#planner;
    const planner = new Planner(
      nodes.map(({ name }, index) => ({ name, cpuMilli: 0, memoryMiB: 0, gpus: counts[index] ?? 0, model: "" })),
    );
    for (const pod of pods) if (pod.ours && !pod.ended && pod.node !== "") planner.see(gpuPodOf(pod, 0, ""));
    this.#planner = planner;
    this.#sizes = sizes;
    return planner;
  }
}

function countOf(devices: readonly Device[] | undefined): number | undefined {
  return devices && wholeOnes(devices).length;
}
