import { type Clock, describeError, type Logger, type Rng, type Runnable, sleep } from "@walras/kit";

import { microTime } from "./microTime.ts";
import { createObject, getObject, replaceObject } from "./objects.ts";
import { resources } from "./paths.ts";
import { KubeError, type KubeTransport, type ObjectName } from "./port.ts";

export interface LeaderOptions {
  readonly transport: KubeTransport;
  readonly lease: ObjectName;
  readonly identity: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Told with each new epoch: again, where the lease was deleted under us and made anew. */
  readonly onStarted: (epoch: number) => void;
  /** The lease is lost: whoever acted on it must end at once. */
  readonly onLost: () => void;
}

/** client-go's defaults. */
const leaseSeconds = 15;
const renewDeadlineMs = 10_000;
const retryMs = 2_000;
const jitter = 1.2;

interface LeaseObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/**
 * Leader election by a Lease, as client-go does it. Whether another's lease
 * has run out is judged by this machine's monotonic clock since the record
 * last changed, so clocks need not agree. No election fences off a leader that
 * sleeps: therefore `leads` asks the clock, and everything said to agents
 * carries the epoch.
 */
export class LeaderElector implements Runnable {
  readonly name = "leader election";
  readonly #options: LeaderOptions;
  readonly #abort = new AbortController();
  #epoch = 0;
  /** The most transitions seen: where the lease is deleted, its successor goes on from there. */
  #seenEpoch = 0;
  #renewedAtMs = -Infinity;
  #led = false;
  #observed: { readonly version: string; readonly atMs: number } = { version: "", atMs: 0 };
  #loop: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = options;
  }

  /** The lease's transitions when it was won; 0 before. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether this process may act at this very moment. */
  leads(): boolean {
    return this.#led && this.#options.clock.monotonicMs() - this.#renewedAtMs < renewDeadlineMs;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends the election and gives the lease up, so that a standby need not wait. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    if (this.leads()) await this.#release();
    this.#led = false;
  }

  async #run(): Promise<void> {
    const { clock, rng, logger, onLost } = this.#options;
    while (!this.#abort.signal.aborted) {
      await this.#attempt();
      if (this.#led && !this.leads()) {
        this.#led = false;
        logger.error({ epoch: this.#epoch }, "lease lost");
        onLost();
        return;
      }
      const waitMs = this.#led ? retryMs : retryMs * (1 + (jitter - 1) * rng());
      await sleep(clock, waitMs, this.#abort.signal);
    }
  }

  /** How long a call may hang: a leader's not longer than it leads. */
  #patienceMs(): number {
    if (!this.#led) return renewDeadlineMs;
    return Math.max(0, this.#renewedAtMs + renewDeadlineMs - this.#options.clock.monotonicMs());
  }

  async #attempt(): Promise<void> {
    const { clock, transport, logger } = this.#options;
    const deadline = new AbortController();
    const timer = clock.after(this.#patienceMs(), () => deadline.abort());
    try {
      await this.#tryToLead(withSignal(transport, AbortSignal.any([this.#abort.signal, deadline.signal])));
    } catch (error) {
      if (!this.#abort.signal.aborted) logger.warn({ error: describeError(error) }, "lease not renewed");
    } finally {
      timer.cancel();
    }
  }

  async #tryToLead(transport: KubeTransport): Promise<void> {
    const lease = await this.#read(transport);
    if (lease === null) {
      await this.#create(transport);
      return;
    }
    this.#seenEpoch = Math.max(this.#seenEpoch, lease.spec.leaseTransitions ?? 0);
    if (lease.spec.holderIdentity === this.#options.identity && this.#led) {
      await this.#write(transport, lease, { ...lease.spec, renewTime: this.#now() });
    } else if (this.#isFree(lease)) {
      await this.#take(transport, lease);
    } else if (this.#led) {
      this.#renewedAtMs = -Infinity;
    }
  }

  async #read(transport: KubeTransport): Promise<LeaseObject | null> {
    try {
      return (await getObject(transport, resources.lease, this.#options.lease)) as LeaseObject;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      throw error;
    }
  }

  /** Held by nobody, or unchanged for longer than its own duration. */
  #isFree(lease: LeaseObject): boolean {
    const { clock } = this.#options;
    const version = lease.metadata.resourceVersion ?? "";
    if (version !== this.#observed.version) this.#observed = { version, atMs: clock.monotonicMs() };
    if (!lease.spec.holderIdentity) return true;
    const durationMs = (lease.spec.leaseDurationSeconds ?? leaseSeconds) * 1000;
    return clock.monotonicMs() - this.#observed.atMs > durationMs;
  }

  async #create(transport: KubeTransport): Promise<void> {
    const { lease, identity } = this.#options;
    const askedMs = this.#options.clock.monotonicMs();
    const now = this.#now();
    const leaseTransitions = this.#seenEpoch + 1;
    await createObject(transport, resources.lease, lease.namespace, {
      metadata: { name: lease.name, namespace: lease.namespace },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: leaseSeconds,
        acquireTime: now,
        renewTime: now,
        leaseTransitions,
      },
    });
    this.#won(leaseTransitions, askedMs);
  }

  async #take(transport: KubeTransport, lease: LeaseObject): Promise<void> {
    const askedMs = this.#options.clock.monotonicMs();
    const now = this.#now();
    const leaseTransitions = this.#seenEpoch + 1;
    const spec = {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseSeconds,
      acquireTime: now,
      renewTime: now,
      leaseTransitions,
    };
    if (await this.#write(transport, lease, spec)) this.#won(leaseTransitions, askedMs);
  }

  /** @returns false when another was faster */
  async #write(transport: KubeTransport, lease: LeaseObject, spec: LeaseObject["spec"]): Promise<boolean> {
    const askedMs = this.#options.clock.monotonicMs();
    try {
      await replaceObject(transport, resources.lease, this.#options.lease, { ...lease, spec });
    } catch (error) {
      if (error instanceof KubeError && error.status === 409) return false;
      throw error;
    }
    this.#renewedAtMs = askedMs;
    return true;
  }

  #won(epoch: number, askedMs: number): void {
    this.#renewedAtMs = askedMs;
    this.#epoch = epoch;
    this.#seenEpoch = epoch;
    this.#led = true;
    this.#options.logger.info({ epoch, identity: this.#options.identity }, "leading");
    this.#options.onStarted(epoch);
  }

  async #release(): Promise<void> {
    const { transport } = this.#options;
    try {
      const lease = await this.#read(transport);
      if (lease?.spec.holderIdentity !== this.#options.identity) return;
      await this.#write(transport, lease, {
        ...lease.spec,
        holderIdentity: "",
        leaseDurationSeconds: 1,
        renewTime: this.#now(),
      });
    } catch (error) {
      this.#options.logger.warn({ error: describeError(error) }, "lease not released");
    }
  }

  #now(): string {
    return microTime(this.#options.clock.wallMs());
  }
}

function withSignal(transport: KubeTransport, signal: AbortSignal): KubeTransport {
  return {
    send: (request) => transport.send({ ...request, signal }),
    stream: (request) => transport.stream({ ...request, signal }),
  };
}
