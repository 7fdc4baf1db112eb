import { type Clock, sleep } from "@walras/kit";

import type { KubeRequest, KubeTransport } from "./port.ts";
import { noAnswer, refusal } from "./testing.ts";

export interface StoredLease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseTransitions?: number;
    readonly leaseDurationSeconds?: number;
  };
}

/** How long a question and its answer are under way, and which of them is lost. */
export interface Trip {
  readonly thereMs: number;
  readonly backMs: number;
  readonly lost?: "question" | "answer" | undefined;
}

const noTrip: Trip = { thereMs: 0, backMs: 0 };

/** One Lease with optimistic concurrency, and faults for each who asks. */
export class LeaseServer {
  lease: StoredLease | undefined;
  writes = 0;
  readonly asked: string[] = [];
  readonly cutOff = new Set<string>();
  readonly hanging = new Set<string>();
  trip: (client: string) => Trip = () => noTrip;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  for(client: string): KubeTransport {
    return {
      send: (request) => this.#answer(client, request),
      stream: () => Promise.reject(noAnswer("no watches here")),
    };
  }

  /** Who gives up does not take back what is under way. */
  async #answer(client: string, request: KubeRequest): Promise<unknown> {
    this.asked.push(`${client} ${request.method}`);
    const givenUp = new Promise<never>((_, reject) => {
      request.signal?.addEventListener("abort", () => reject(noAnswer("aborted")));
    });
    return Promise.race([this.#travel(client, request), givenUp]);
  }

  async #travel(client: string, request: KubeRequest): Promise<unknown> {
    const { thereMs, backMs, lost } = this.trip(client);
    if (this.hanging.has(client) || lost === "question") return never();
    if (this.cutOff.has(client)) throw noAnswer("cut off");
    if (thereMs > 0) await sleep(this.#clock, thereMs);
    const outcome = this.#serve(request);
    if (lost === "answer") return never();
    if (backMs > 0) await sleep(this.#clock, backMs);
    return outcome();
  }

  /** Done at once; what is returned tells it later. */
  #serve({ method, body }: KubeRequest): () => unknown {
    const { lease } = this;
    if (method === "POST" && lease) return refuse(409, "AlreadyExists");
    if (method !== "POST" && !lease) return refuse(404, "NotFound");
    if (method === "GET") return () => lease;
    const { metadata, spec } = body as StoredLease;
    if (method === "PUT" && lease?.metadata.resourceVersion !== metadata.resourceVersion) {
      return refuse(409, "Conflict");
    }
    this.writes += 1;
    const written = { metadata: { ...metadata, resourceVersion: String(this.writes) }, spec };
    this.lease = written;
    return () => written;
  }
}

function refuse(status: number, reason: string): () => never {
  return () => {
    throw refusal(status, reason);
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
