import { mustStayBelowLimit } from "../observe/eligibility.ts";
import type { Allowance } from "../observe/allowance.ts";
import type { Declared } from "../observe/allocation.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import { type Bound, breach, type Part } from "./breach.ts";
import { limitChangeMilli, type PodResize, resizeTo, withoutRaisedRequests } from "./resize.ts";

/** A resize as the namespace allows it. */
export interface Fitted {
  /** null: nothing that is allowed is worth asking for. */
  readonly resize: PodResize | null;
  /** What keeps it from being what was wanted; null: nothing does. */
  readonly bound: Bound | null;
}

/**
 * The resize that is asked for where the namespace bounds what a pod may have:
 * what is granted of it and no more, so that nothing is refused. A bound makes
 * cuts smaller and raises smaller; it never makes a cut below what was declared.
 */
export function fit(
  wanted: PodResize,
  allowance: Allowance | undefined,
  declared: ReadonlyMap<string, Declared>,
  granuleMilli: number,
): Fitted {
  if (!allowance) return { resize: wanted, bound: null };
  const bound = breach(wanted.pod, asWanted(wanted), allowance);
  if (!bound) return { resize: { ...wanted, allowance }, bound: null };
  const parts = new Fitting(wanted, allowance, granuleMilli).parts();
  const stillWrong = breach(wanted.pod, parts, allowance);
  if (stillWrong || parts.some((part) => isForcedDown(part, wanted, declared)))
    return { resize: null, bound: stillWrong ?? bound };
  const containers = parts.map(({ name, requestMilli, limitMilli }) => ({ name, requestMilli, limitMilli }));
  const resize = resizeTo(wanted.pod, containers, wanted.cause);
  return { resize: resize && { ...resize, allowance }, bound };
}

/** What of a fitted resize goes ahead while there is no room for the requests it raises. */
export function fitLimitsAlone(resize: PodResize, granuleMilli: number): PodResize | null {
  const alone = withoutRaisedRequests(resize);
  if (!alone || !resize.allowance) return alone;
  const noMore = { ...resize.allowance, requests: { ...resize.allowance.requests, milli: 0 } };
  return fit(alone, noMore, new Map(), granuleMilli).resize;
}

/** Whether a bound would cut what the market would have left higher, and below what the owner declared. */
function isForcedDown(part: Part, { containers }: PodResize, declared: ReadonlyMap<string, Declared>): boolean {
  const wanted = containers.find(({ name }) => name === part.name);
  const before = declared.get(part.name);
  const isBelow = (lane: "requestMilli" | "limitMilli"): boolean => {
    const [milli, want, now] = [part[lane], wanted?.[lane] ?? null, part.now[lane]];
    if (milli === null || want === null || now === null) return false;
    return milli < want && milli < now && milli < (before?.[lane] ?? 0);
  };
  return isBelow("requestMilli") || isBelow("limitMilli");
}

function asWanted({ pod, containers }: PodResize): Part[] {
  return containers.flatMap((to) => {
    const from = pod.containers.find(({ name }) => name === to.name);
    return from ? [{ ...to, now: from.desired }] : [];
  });
}

/** The steps from what is wanted to what is allowed; each leaves true what the one before it made true. */
class Fitting {
  readonly #pod: PodState;
  readonly #allowance: Allowance;
  readonly #granuleMilli: number;
  readonly #gapMilli: number;
  #parts: Part[];

  constructor(wanted: PodResize, allowance: Allowance, granuleMilli: number) {
    this.#pod = wanted.pod;
    this.#allowance = allowance;
    this.#granuleMilli = granuleMilli;
    this.#gapMilli = mustStayBelowLimit(wanted.pod) ? granuleMilli : 0;
    this.#parts = asWanted(wanted);
  }

  parts(): readonly Part[] {
    this.#withinContainer();
    this.#upToPodMinimum();
    this.#giveBackLimits(this.#sumOf("limitMilli") - this.#allowance.pod.maxMilli);
    this.#giveBackRequests(this.#requestDelta() - this.#allowance.requests.milli);
    this.#narrow();
    this.#giveBackLimits(this.#limitDelta() - this.#allowance.limits.milli);
    return this.#parts;
  }

  /** Each within its bounds; a request is cut no further than the ratio to its limit allows. */
  #withinContainer(): void {
    const { minMilli, maxMilli } = this.#allowance.container;
    const ratio = this.#maxRatio();
    this.#each(({ requestMilli, limitMilli }) => {
      const limit = limitMilli === null ? null : Math.min(maxMilli, Math.max(limitMilli, minMilli + this.#gapMilli));
      const least = Math.max(requestMilli, minMilli, this.#up((limit ?? 0) / ratio));
      return { requestMilli: Math.min(least, (limit ?? Infinity) - this.#gapMilli, maxMilli), limitMilli: limit };
    });
  }

  #upToPodMinimum(): void {
    let missing = this.#allowance.pod.minMilli - this.#sumOf("requestMilli");
    this.#each(({ requestMilli, limitMilli }) => {
      const most = Math.min(limitMilli ?? Infinity, this.#allowance.container.maxMilli) - this.#gapMilli;
      const more = Math.max(0, Math.min(this.#up(missing), most - requestMilli));
      missing -= more;
      return { requestMilli: requestMilli + more, limitMilli };
    });
  }

  /** Takes so much from requests that are raised. */
  #giveBackRequests(overMilli: number): void {
    let over = overMilli;
    this.#each(({ requestMilli, limitMilli, now }) => {
      const less = this.#less(over, requestMilli, now.requestMilli ?? 0);
      over -= less;
      const request = requestMilli - less;
      return { requestMilli: request, limitMilli: this.#isGuaranteed() && less > 0 ? request : limitMilli };
    });
  }

  /** Takes so much from limits that are raised. */
  #giveBackLimits(overMilli: number): void {
    let over = overMilli;
    this.#each(({ requestMilli, limitMilli, now }) => {
      if (limitMilli === null) return { requestMilli, limitMilli };
      const less = this.#less(over, limitMilli, now.limitMilli ?? 0);
      over -= less;
      const limit = limitMilli - less;
      return {
        requestMilli: less > 0 ? Math.min(requestMilli, limit - this.#gapMilli) : requestMilli,
        limitMilli: limit,
      };
    });
  }

  /** A limit whose request could not follow stays within the ratio to it. */
  #narrow(): void {
    const ratio = this.#maxRatio();
    if (ratio === Infinity) return;
    this.#each(({ requestMilli, limitMilli, now }) => {
      if (limitMilli === null || limitMilli <= requestMilli * ratio) return { requestMilli, limitMilli };
      const most = Math.floor(requestMilli * ratio);
      return { requestMilli, limitMilli: Math.max(this.#down(most), Math.min(most, now.limitMilli ?? 0)) };
    });
  }

  #each(change: (part: Part) => Pick<Part, "requestMilli" | "limitMilli">): void {
    this.#parts = this.#parts.map((part) => ({ ...part, ...change(part) }));
  }

  /** How much of a raise is given back: whole granules, and no more than was raised. */
  #less(overMilli: number, milli: number, nowMilli: number): number {
    return overMilli <= 0 ? 0 : Math.max(0, Math.min(this.#up(overMilli), milli - nowMilli));
  }

  #sumOf(field: "requestMilli" | "limitMilli"): number {
    const rest = this.#pod.containers.filter(({ name }) => !this.#parts.some((part) => part.name === name));
    const beside = rest.reduce((sum, { desired }) => sum + (desired[field] ?? 0), 0);
    return this.#parts.reduce((sum, part) => sum + (part[field] ?? 0), beside);
  }

  #requestDelta(): number {
    return resizeTo(this.#pod, this.#parts, "market")?.requestDeltaMilli ?? 0;
  }

  #limitDelta(): number {
    return limitChangeMilli(this.#pod, this.#parts);
  }

  #maxRatio(): number {
    return Math.min(this.#allowance.container.maxRatio, this.#allowance.pod.maxRatio);
  }

  #isGuaranteed(): boolean {
    return this.#pod.qos === "Guaranteed";
  }

  #up(milli: number): number {
    return Math.ceil(milli / this.#granuleMilli) * this.#granuleMilli;
  }

  #down(milli: number): number {
    return Math.floor(milli / this.#granuleMilli) * this.#granuleMilli;
  }
}
