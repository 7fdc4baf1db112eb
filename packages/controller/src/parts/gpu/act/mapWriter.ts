import { isDeepStrictEqual } from "node:util";

import { gpuSchedulingMapResource, type GpuSchedulingMapStatus } from "@walras/api";
import { type KubeTransport, mergePatch } from "@walras/kube";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import type { MapObject } from "../observe/cluster/map.ts";

/** Writes the status of maps, where it is another than is seen. */
export class MapWriter {
  readonly #transport: KubeTransport;
  readonly #writes: Pick<Writes, "enqueue">;

  constructor(transport: KubeTransport, writes: Pick<Writes, "enqueue">) {
    this.#transport = transport;
    this.#writes = writes;
  }

  write({ namespace, name, uid, status: seen }: MapObject, status: GpuSchedulingMapStatus): void {
    if (isDeepStrictEqual(seen, status)) return;
    this.#writes.enqueue({
      key: `gpu map ${namespace}/${name}`,
      priority: writePriority.status,
      write: async () => {
        const target = { resource: gpuSchedulingMapResource, name: { namespace, name }, subresource: "status" };
        await mergePatch(this.#transport, target, { metadata: { uid }, status });
      },
    });
  }
}
