import { type ClientUnaryCall, credentials, type ServiceError, status } from "@grpc/grpc-js";
import {
  type AllocatableResourcesResponse,
  type GetPodResourcesResponse,
  type ListPodResourcesResponse,
  PodResourcesListerClient,
} from "@walras/proto/podresources";

import { allocatableIn, heldBy } from "./decode.ts";
import type { AllocatableDevices, HeldDevice, PodResources } from "./port.ts";
import { checkSocket } from "./socket.ts";

/** Of 110 pods with some devices each an answer has some hundred KiB; kubelet's own clients take 16 MiB. */
const mostAnswerBytes = 4 * 2 ** 20;

/** No retries: whoever asks asks again. A kubelet that restarts makes its socket anew. */
const channelOptions = {
  "grpc.max_receive_message_length": mostAnswerBytes,
  "grpc.enable_retries": 0,
  "grpc.initial_reconnect_backoff_ms": 200,
  "grpc.max_reconnect_backoff_ms": 2_000,
  "grpc.enable_channelz": 0,
  "grpc.use_local_subchannel_pool": 1,
};

type Answer<Response> = (error: ServiceError | null, response: Response) => void;

/** Asks the kubelet on its socket; one connection, opened at the first question. */
export class KubeletPodResources implements PodResources {
  readonly #path: string;
  #client: PodResourcesListerClient | null = null;

  /** @param path of the socket: /var/lib/kubelet/pod-resources/kubelet.sock */
  constructor(path: string) {
    this.#path = path;
  }

  async list(signal?: AbortSignal): Promise<readonly HeldDevice[]> {
    const { podResources } = await this.#ask<ListPodResourcesResponse>("List", signal, (client, answer) =>
      client.list({}, answer),
    );
    return heldBy(podResources);
  }

  /** What one pod holds. @throws Error where there is no such pod too, or this kubelet does not tell of one alone */
  async get(namespace: string, pod: string, signal?: AbortSignal): Promise<readonly HeldDevice[]> {
    const request = { podName: pod, podNamespace: namespace };
    const { podResources } = await this.#ask<GetPodResourcesResponse>("Get", signal, (client, answer) =>
      client.get(request, answer),
    );
    return podResources ? heldBy([podResources]) : [];
  }

  async allocatable(signal?: AbortSignal): Promise<readonly AllocatableDevices[]> {
    const { devices } = await this.#ask<AllocatableResourcesResponse>(
      "GetAllocatableResources",
      signal,
      (client, answer) => client.getAllocatableResources({}, answer),
    );
    return allocatableIn(devices);
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
  }

  async #ask<Response>(
    method: string,
    signal: AbortSignal | undefined,
    call: (client: PodResourcesListerClient, answer: Answer<Response>) => ClientUnaryCall,
  ): Promise<Response> {
    await checkSocket(this.#path);
    this.#client ??= new PodResourcesListerClient(`unix:${this.#path}`, credentials.createInsecure(), channelOptions);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const called = call(this.#client, (error, response) =>
      error ? reject(new Error(complaintOf(method, error), { cause: error })) : resolve(response),
    );
    const cancel = (): void => called.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", cancel));
  }
}

function complaintOf(method: string, { code }: ServiceError): string {
  if (code === status.UNIMPLEMENTED) return `this kubelet has no pod-resources ${method}`;
  if (code === status.RESOURCE_EXHAUSTED) {
    return `the kubelet answers ${method} with more than ${mostAnswerBytes} bytes, or is asked too often`;
  }
  return `the kubelet has not answered ${method}`;
}
