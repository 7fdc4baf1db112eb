import { type Clock, describeError, type Logger, Once, type Rng, type Runnable, sleep } from "@walras/kit";

import { LeaseClient, type LeaseObject, type LeaseSpec } from "./leaseObject.ts";
import { microTime } from "./microTime.ts";
import { impatient } from "./patience.ts";
import type { KubeTransport, ObjectName } from "./port.ts";
import { Rival } from "./rival.ts";

export interface LeaderOptions {
  /** Best of its own: a renewal must not stand in line behind other calls. */
  readonly transport: KubeTransport;
  readonly lease: ObjectName;
  readonly identity: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** The lease is lost: whoever acted on it must end at once. */
  readonly onLost: () => void;
}

const leaseSeconds = 13;
const leaseMs = leaseSeconds * 1000;
const renewMs = 2_000;
/** Of who waits: often, for it counts a lease's time from when it first saw the last renewal. */
const lookMs = 1_000;
const jitter = 1.2;
/**
 * A leader leads for 11 s after it asked for the last write that succeeded.
 * Nobody else may take the lease before 13 s after that moment, since a rival
 * sees the write later than it was asked for and then waits 13 s by its own
 * clock; so 2 s are left for calls in flight. Where every answer takes L, a
 * renewal is asked for L after the one before and answered L later: 2 L < 11 s
 * holds up to 5.5 s, and a call that takes longer is given up, so that one lost
 * answer leaves time for another call. client-go's 15 s and looks each 2 s left
 * a cluster without a leader for up to 18 s after one was killed.
 */
const renewDeadlineMs = 11_000;
const renewCallMs = renewDeadlineMs / 2;

/**
 * Leader election by a Lease, as client-go does it: a leader renews with one
 * write and reads only when that is refused or in doubt. No election fences off
 * a leader that sleeps: therefore `leads` asks the clock, and everything said
 * to agents carries the epoch.
 */
export class LeaderElector implements Runnable {
  readonly name = "leader election";
  readonly #options: LeaderOptions;
  readonly #abort = new AbortController();
  readonly #rival: Rival;
  readonly #told = new Once();
  #epoch = 0;
  /** The most transitions seen: where the lease is deleted, its successor goes on from there. */
  #seenEpoch = 0;
  #renewedAtMs = -Infinity;
  #led = false;
  /** Who held the lease when it was seen last; "": nobody. */
  #holder = "";
  /** How long after the last look another's lease runs out; infinite where that is not known. */
  #freeInMs = Infinity;
  /** Our lease as the server last gave it back; undefined while that is in doubt. */
  #held: LeaseObject | undefined;
  readonly #whenLeading: ((epoch: number) => void)[] = [];
  #loop: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#rival = new Rival(() => options.clock.monotonicMs(), leaseMs);
  }

  /** The lease's transitions when it was won; 0 before. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Who leads, as far as is known: this process, or who held the lease when it was looked at last; null: nobody. */
  get holder(): string | null {
    return this.leads() ? this.#options.identity : this.#holder || null;
  }

  /** Whether this process may act at this very moment. */
  leads(): boolean {
    return this.#led && this.#leftMs() > 0;
  }

  /** Tells `then` of each new epoch: again, where the lease was deleted under us and made anew. */
  whenLeading(then: (epoch: number) => void): void {
    this.#whenLeading.push(then);
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Ends the election and gives the lease up, so that a standby need not wait. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
    const led = this.leads();
    // Before the lease is given up: a standby may have it before we hear the answer.
    this.#led = false;
    if (led) await this.#release();
  }

  async #run(): Promise<void> {
    const { clock, logger, onLost } = this.#options;
    while (!this.#abort.signal.aborted) {
      const askedMs = clock.monotonicMs();
      await this.#attempt();
      if (this.#led && !this.leads()) {
        this.#led = false;
        logger.error({ epoch: this.#epoch }, "lease lost");
        onLost();
        return;
      }
      await sleep(clock, this.#waitMs(askedMs), this.#abort.signal);
    }
  }

  /** A renewal is due some time after the last was asked for, however long that took. */
  #waitMs(askedMs: number): number {
    const { clock, rng } = this.#options;
    if (this.#led) return Math.max(0, askedMs + renewMs - clock.monotonicMs());
    return Math.min(lookMs * (1 + (jitter - 1) * rng()), this.#freeInMs);
  }

  /** How long a leader may still act. */
  #leftMs(): number {
    return this.#renewedAtMs + renewDeadlineMs - this.#options.clock.monotonicMs();
  }

  async #attempt(): Promise<void> {
    const { clock } = this.#options;
    this.#freeInMs = Infinity;
    const deadline = new AbortController();
    const timer = clock.after(this.#led ? Math.max(0, this.#leftMs()) : leaseMs, () => deadline.abort());
    try {
      await this.#tryToLead(this.#client(AbortSignal.any([this.#abort.signal, deadline.signal])));
      this.#told.forget("failure");
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#complain(describeError(error));
    } finally {
      timer.cancel();
    }
  }

  /** Each attempt fails for the same reason until somebody does something about it: said when it begins, and when it changes. */
  #complain(error: string): void {
    const { logger, lease } = this.#options;
    const what = this.#led
      ? "lease not renewed"
      : "no lease is to be had: this replica decides nothing until it has one";
    const name = `${lease.namespace}/${lease.name}`;
    if (this.#told.isNews("failure", `${what} ${error}`)) logger.warn({ lease: name, error }, what);
  }

  /** @param holder who leads instead */
  #wait(holder: string): void {
    const { logger, lease } = this.#options;
    const name = `${lease.namespace}/${lease.name}`;
    if (this.#told.isNews("holder", holder))
      logger.info({ lease: name, holder }, "another leads: this replica decides nothing until that has gone");
  }

  #client(signal: AbortSignal): LeaseClient {
    const { clock, transport, lease } = this.#options;
    return new LeaseClient(impatient(transport, clock, { callMs: this.#led ? renewCallMs : leaseMs, signal }), lease);
  }

  async #tryToLead(client: LeaseClient): Promise<void> {
    if (this.#led && this.#held && (await this.#renew(client, this.#held))) return;
    const lease = await client.read();
    this.#see(lease?.spec);
    if (this.#led) await this.#keep(client, lease);
    else await this.#seek(client, lease);
  }

  async #seek(client: LeaseClient, lease: LeaseObject | null): Promise<void> {
    const leftMs = this.#rival.leftMs(lease);
    this.#freeInMs = leftMs || Infinity;
    if (leftMs === 0) await this.#claim(client, lease);
    else this.#wait(lease?.spec.holderIdentity ?? "");
  }

  #see({ holderIdentity = "", leaseTransitions = 0 }: Partial<LeaseSpec> = {}): void {
    this.#holder = holderIdentity;
    this.#seenEpoch = Math.max(this.#seenEpoch, leaseTransitions);
  }

  /** What a leader does about a lease that is not as it knew it. */
  async #keep(client: LeaseClient, lease: LeaseObject | null): Promise<void> {
    const holder = lease?.spec.holderIdentity;
    if (lease && holder === this.#options.identity) await this.#renew(client, lease);
    else if (!holder) await this.#claim(client, lease);
    else this.#renewedAtMs = -Infinity;
  }

  /** @returns false when the lease is no longer what we know */
  async #renew(client: LeaseClient, lease: LeaseObject): Promise<boolean> {
    const askedMs = this.#options.clock.monotonicMs();
    const written = await this.#write(client, lease, { ...lease.spec, renewTime: this.#now() });
    if (written) this.#renewedAtMs = askedMs;
    return written;
  }

  async #claim(client: LeaseClient, lease: LeaseObject | null): Promise<void> {
    const askedMs = this.#options.clock.monotonicMs();
    const now = this.#now();
    const leaseTransitions = this.#seenEpoch + 1;
    const written = await this.#write(client, lease, {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: leaseSeconds,
      acquireTime: now,
      renewTime: now,
      leaseTransitions,
    });
    if (written) this.#won(leaseTransitions, askedMs);
  }

  /** @returns false when another was faster */
  async #write(client: LeaseClient, lease: LeaseObject | null, spec: LeaseSpec): Promise<boolean> {
    this.#held = undefined;
    const written = await client.write(lease, spec);
    this.#held = written ?? undefined;
    return written !== null;
  }

  #won(epoch: number, askedMs: number): void {
    const { clock, logger, identity } = this.#options;
    this.#seenEpoch = epoch;
    if (clock.monotonicMs() - askedMs >= renewDeadlineMs) {
      logger.warn({ epoch }, "lease won too late to lead");
      return;
    }
    this.#renewedAtMs = askedMs;
    this.#epoch = epoch;
    this.#led = true;
    this.#told.forget("holder");
    logger.info({ epoch, identity }, "leading");
    for (const then of this.#whenLeading) then(epoch);
  }

  async #release(): Promise<void> {
    const { identity, logger } = this.#options;
    const client = this.#client(new AbortController().signal);
    try {
      const lease = this.#held ?? (await client.read());
      if (lease?.spec.holderIdentity !== identity) return;
      await this.#write(client, lease, {
        ...lease.spec,
        holderIdentity: "",
        leaseDurationSeconds: 1,
        renewTime: this.#now(),
      });
    } catch (error) {
      logger.warn({ error: describeError(error) }, "lease not released");
    }
  }

  #now(): string {
    return microTime(this.#options.clock.wallMs());
  }
}
