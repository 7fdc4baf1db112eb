import type { sendUnaryData } from "@grpc/grpc-js";
import { describeError } from "@walras/kit";
import { resources } from "@walras/kube";
import {
  type Claim,
  type Device,
  type DRAPluginServer,
  DRAPluginService,
  type NodePrepareResourcesResponse,
} from "@walras/proto/dra";

import type { Cluster } from "./cluster.ts";
import { KubeletPlugin } from "./kubeletPlugin.ts";

/** A GPU that a driver publishes. */
interface PublishedGpu {
  readonly minor: number;
  readonly uuid: string;
}

/** A driver of DRA on a real kubelet. It prepares whatever is allocated, and writes down of which claims. */
export class DraDriver {
  readonly name: string;
  /** UIDs of claims that the kubelet has had prepared and not given up. */
  readonly prepared = new Set<string>();
  readonly #cluster: Cluster;
  readonly #node: string;
  readonly #plugin: KubeletPlugin;

  constructor(name: string, cluster: Cluster, node: string) {
    this.name = name;
    this.#cluster = cluster;
    this.#node = node;
    this.#plugin = new KubeletPlugin(cluster.target.kubeletFolder(node) ?? "", {
      type: "DRAPlugin",
      name,
      supportedVersions: ["v1.DRAPlugin"],
    });
    this.#serve();
  }

  /** Offers these GPUs of the node, by a class of the driver's name. They are called by their minors, as NVIDIA's driver does. */
  async start(gpus: readonly PublishedGpu[]): Promise<void> {
    await this.#plugin.start();
    await this.#cluster.create(resources.deviceClass, "", {
      metadata: { name: this.name },
      spec: { selectors: [{ cel: { expression: `device.driver == "${this.name}"` } }] },
    });
    await this.#cluster.create(resources.resourceSlice, "", {
      metadata: { name: `${this.#node}-${this.name}` },
      spec: {
        driver: this.name,
        nodeName: this.#node,
        pool: { name: this.#node, generation: 1, resourceSliceCount: 1 },
        devices: gpus.map(({ minor, uuid }) => ({ name: `gpu-${minor}`, attributes: { uuid: { string: uuid } } })),
      },
    });
  }

  async stop(): Promise<void> {
    await this.#cluster.kubectl("delete", "deviceclass", this.name, "--ignore-not-found");
    await this.#cluster.kubectl("delete", "resourceslice", `${this.#node}-${this.name}`, "--ignore-not-found");
    await this.#plugin.stop();
  }

  #serve(): void {
    const answers: DRAPluginServer = {
      nodePrepareResources: ({ request }, done) => void this.#prepareAll(request.claims, done),
      nodeUnprepareResources: ({ request }, done) => {
        for (const { uid } of request.claims) this.prepared.delete(uid);
        done(null, { claims: Object.fromEntries(request.claims.map(({ uid }) => [uid, { error: "" }])) });
      },
    };
    this.#plugin.server.addService(DRAPluginService, answers);
  }

  async #prepareAll(claims: readonly Claim[], done: sendUnaryData<NodePrepareResourcesResponse>): Promise<void> {
    const prepared = claims.map(async (claim) => [claim.uid, await this.#prepare(claim)] as const);
    done(null, { claims: Object.fromEntries(await Promise.all(prepared)) });
  }

  /** A driver does what the claim says that is allocated, and the kubelet knows of no more than it answers. */
  async #prepare({ uid, namespace, name }: Claim): Promise<{ readonly devices: Device[]; readonly error: string }> {
    try {
      const text = await this.#cluster.kubectl("-n", namespace, "get", "resourceclaim", name, "-o=json");
      const { results } = (JSON.parse(text) as AllocatedClaim).status.allocation.devices;
      this.prepared.add(uid);
      const devices = results.map(({ request, pool, device }): Device => {
        return { requestNames: [request], poolName: pool, deviceName: device, cdiDeviceIds: [] };
      });
      return { devices, error: "" };
    } catch (error) {
      return { devices: [], error: describeError(error) };
    }
  }
}

interface AllocatedClaim {
  readonly status: {
    readonly allocation: {
      readonly devices: {
        readonly results: readonly { readonly request: string; readonly pool: string; readonly device: string }[];
      };
    };
  };
}
