import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  Server,
  ServerCredentials,
  type status,
  type sendUnaryData,
  type ServiceError,
  type ServerUnaryCall,
} from "@grpc/grpc-js";
import {
  type AllocatableResourcesResponse,
  type ContainerResources,
  type PodResources,
  PodResourcesListerService,
} from "@walras/proto/podresources";

/** A container that holds nothing, but for what is given. */
export function containerHolding(name: string, given: Partial<ContainerResources> = {}): ContainerResources {
  return { name, devices: [], cpuIds: [], memory: [], dynamicResources: [], ...given };
}

/** Stands for a kubelet: its pod-resources API on a socket in a temporary folder. */
export class KubeletDouble {
  readonly directory: string = mkdtempSync(join(tmpdir(), "walras-kubelet-"));
  readonly socket: string = join(this.directory, "kubelet.sock");
  pods: PodResources[] = [];
  allocatable: AllocatableResourcesResponse = { devices: [], cpuIds: [], memory: [] };
  /** What methods of this name answer instead; as gRPC's codes. */
  readonly refuses = new Map<
    "List" | "Get" | "GetAllocatableResources",
    { readonly code: status; readonly details: string }
  >();
  /** Answers nothing at all. */
  silent = false;
  asked = 0;
  #server: Server | null = null;

  async start(): Promise<this> {
    this.#server = new Server();
    this.#server.addService(PodResourcesListerService, {
      list: this.#method("List", () => ({ podResources: this.pods })),
      getAllocatableResources: this.#method("GetAllocatableResources", () => this.allocatable),
      get: this.#method("Get", ({ podName, podNamespace }: { podName: string; podNamespace: string }) => {
        const found = this.pods.find(({ name, namespace }) => name === podName && namespace === podNamespace);
        if (!found) throw new Error(`pod ${podName} in namespace ${podNamespace} not found`);
        return { podResources: found };
      }),
    });
    await new Promise<void>((resolve, reject) => {
      this.#server?.bindAsync(`unix:${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    return this;
  }

  /** The kubelet ends, and its socket with it. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = null;
    rmSync(this.socket, { force: true });
  }

  destroy(): void {
    this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #method<Request, Response>(
    name: "List" | "Get" | "GetAllocatableResources",
    answer: (request: Request) => Response,
  ): (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void {
    return ({ request }, done) => {
      this.asked += 1;
      if (this.silent) return;
      const refusal = this.refuses.get(name);
      if (refusal) {
        done(refusal);
        return;
      }
      try {
        done(null, answer(request));
      } catch (error) {
        done(error as ServiceError);
      }
    };
  }
}
