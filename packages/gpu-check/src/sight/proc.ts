import type { Machine } from "./machine.ts";
import type { SeenGpu } from "./sight.ts";

const folder = "/proc/driver/nvidia/gpus";

/** The GPUs that the driver lists by itself, in the order of their bus addresses; null: there is no driver. */
export async function readProc(machine: Machine): Promise<readonly SeenGpu[] | null> {
  const addresses = await machine.namesIn(folder);
  if (addresses.length === 0) return null;
  const gpus: SeenGpu[] = [];
  for (const [index, address] of addresses.toSorted().entries()) {
    const text = await machine.read(`${folder}/${address}/information`).catch(() => "");
    const uuid = field(text, "GPU UUID");
    // One that was not initialised yet has question marks.
    if (/^GPU-[\da-f-]+$/i.test(uuid)) gpus.push({ index, uuid, model: field(text, "Model") });
  }
  return gpus;
}

function field(text: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*?)\\s*$`, "m").exec(text)?.[1] ?? "";
}
