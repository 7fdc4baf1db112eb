import { type Clock, sleep } from "@walras/kit";

import type { ApiRequest } from "./exchange.ts";
import type { Reader } from "./reads.ts";
import { ApiFailure } from "./status.ts";
import type { Store } from "./store.ts";
import type { WatchHub } from "./watchHub.ts";

/** Which calls a fault is for. */
export type RequestFilter = (request: ApiRequest) => boolean;

/** A refusal to hand out. */
export interface Rejection {
  readonly status: number;
  /** Sent as Retry-After and in the Status. */
  readonly retryAfterSeconds?: number;
  /** All calls where not given. */
  readonly filter?: RequestFilter;
}

interface Pending extends Rejection {
  left: number;
}

const reasons: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  409: "Conflict",
  410: "Expired",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** What can be made to go wrong, on demand. */
export class Faults {
  readonly #parts: { readonly clock: Clock; readonly store: Store; readonly hub: WatchHub; readonly reader: Reader };
  readonly #pending: Pending[] = [];
  readonly #waiting = new Set<() => void>();
  #paused = false;
  #latencyMs = 0;

  constructor(parts: { clock: Clock; store: Store; hub: WatchHub; reader: Reader }) {
    this.#parts = parts;
  }

  /** The next `count` calls that match are refused. */
  rejectNext(count: number, rejection: Rejection): void {
    this.#pending.push({ ...rejection, left: count });
  }

  /** Every call takes this long before anything happens. */
  setLatencyMs(latencyMs: number): void {
    this.#latencyMs = latencyMs;
  }

  /** Calls hang until `resume`; watches stay open but say nothing. */
  pause(): void {
    this.#paused = true;
    this.#parts.hub.hold();
  }

  resume(): void {
    this.#paused = false;
    this.#parts.hub.release();
    for (const go of this.#waiting) go();
    this.#waiting.clear();
  }

  /** Ends all open watches. */
  dropWatches(): void {
    this.#parts.hub.dropAll();
  }

  /** Forgets history: older watches and continue tokens get 410. */
  compactHistory(): void {
    this.#parts.store.compact();
    this.#parts.reader.pager.expire();
  }

  /** Reads show this moment, while writes go on, until `serveFresh`. */
  serveStale(): void {
    this.#parts.hub.hold();
    this.#parts.reader.serveFrom(this.#parts.store.snapshot());
  }

  serveFresh(): void {
    this.#parts.reader.serveFrom(undefined);
    this.#parts.hub.release();
  }

  /**
   * What stands between a call and the server.
   *
   * @throws ApiFailure where the call is to be refused
   */
  async gate(request: ApiRequest): Promise<void> {
    if (this.#paused) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    if (this.#latencyMs > 0) await sleep(this.#parts.clock, this.#latencyMs);
    const next = this.#pending.find(({ left, filter }) => left > 0 && (filter?.(request) ?? true));
    if (!next) return;
    next.left -= 1;
    if (next.left === 0) this.#pending.splice(this.#pending.indexOf(next), 1);
    throw refusal(next);
  }
}

function refusal({ status, retryAfterSeconds }: Rejection): ApiFailure {
  const message = status === 429 ? "too many requests, please try again later" : `injected fault ${status}`;
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new ApiFailure(status, reasons[status] ?? "InternalError", message, details);
}
