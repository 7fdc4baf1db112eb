import type { DashboardGpus } from "@walras/api";
import type { JSX } from "preact";

import { type GpuRow, gpuState } from "../state/gpu.ts";

const size = 22;

/** All GPUs as squares, a line a node; the table below says the same. */
export function Rack({
  nodes,
  looked,
}: {
  readonly nodes: DashboardGpus["nodes"];
  readonly looked: GpuRow | undefined;
}): JSX.Element {
  return (
    <div class="rack" aria-hidden="true">
      {nodes.map(({ node, gpus }) => (
        <div class="row" key={node}>
          <span>{node}</span>
          <svg width={gpus.length * size} height={size}>
            {gpus.map((gpu, at) => (
              <rect
                key={gpu.uuid}
                class={`gpu-${gpuState(gpu)}${looked?.node === node && looked.gpu.uuid === gpu.uuid ? " looked" : ""}`}
                x={at * size + 2}
                y="2"
                width={size - 4}
                height={size - 4}
                rx="3"
              />
            ))}
          </svg>
        </div>
      ))}
      <ul class="legend">
        {["free", "taken", "drift", "foreign", "unhealthy"].map((state) => (
          <li key={state}>
            <svg width="14" height="14">
              <rect class={`gpu-${state}`} x="1" y="1" width="12" height="12" rx="2" />
            </svg>
            {state}
          </li>
        ))}
      </ul>
    </div>
  );
}
