import {
  ampleMilli,
  ContainerHistory,
  defaultMarketPolicy,
  defaultRememberPolicy,
  granuleMilli,
  isWorth,
  type RememberPolicy,
  requestNeed,
} from "@walras/controller/market";

import type { Resources, Rule, Seen, Sizing, Standing } from "../rule.ts";

interface WalrasOptions {
  readonly limits: "ample" | "tight";
  readonly sizedAtCreation: boolean;
  readonly remember: RememberPolicy;
}

/** What was needed so lately is held: the controller's is one to two of five minutes. */
const recentMs = 450_000;
const minuteMs = 60_000;

/** Requests as the controller remembers them, limits that leave room above the last need. */
class WalrasSizing implements Sizing {
  readonly #declared: Resources;
  readonly #options: WalrasOptions;
  readonly #history: ContainerHistory;
  readonly #recent = new Recent();

  constructor(declared: Resources, options: WalrasOptions) {
    this.#declared = declared;
    this.#options = options;
    this.#history = new ContainerHistory(options.remember);
  }

  observe({ atMs, forMs, usedMilli, throttledMilli }: Seen): void {
    const milli = usedMilli + throttledMilli;
    this.#history.learn({ milli, minutes: forMs / minuteMs }, atMs);
    this.#recent.add(milli, atMs);
  }

  want({ nowMs, has }: Standing): Resources {
    const { raiseDeadband, requestDeadband } = defaultMarketPolicy;
    const wanted = this.#wanted(nowMs);
    const moves = (current: number, target: number, deadband: number): boolean =>
      isWorth(
        { current, target, bound: false, rationed: false, urgent: true, rested: true },
        { ...defaultMarketPolicy, granuleMilli, raiseDeadband: deadband },
      );
    const limitMoves =
      has.limitMilli !== null && wanted.limitMilli !== null && moves(has.limitMilli, wanted.limitMilli, raiseDeadband);
    const requestMoves = moves(has.requestMilli, wanted.requestMilli, requestDeadband);
    const requestMilli = requestMoves ? wanted.requestMilli : has.requestMilli;
    const limitMilli = limitMoves ? wanted.limitMilli : has.limitMilli;
    return { requestMilli, limitMilli: limitMilli === null ? null : Math.max(limitMilli, requestMilli) };
  }

  atCreation(nowMs: number): Resources | null {
    if (!this.#options.sizedAtCreation) return null;
    // Nobody is created with more than it declared: a quota could refuse it.
    const requestMilli = Math.min(this.#declared.requestMilli, this.#wanted(nowMs).requestMilli);
    return { requestMilli, limitMilli: this.#declared.limitMilli };
  }

  #wanted(nowMs: number): Resources {
    const { requestMilli: declaredMilli, limitMilli } = this.#declared;
    const milli = this.#recent.highest;
    const now = { nowMs, declaredMilli, secondsMilli: milli, minuteMilli: milli };
    const need = requestNeed(this.#history, now, this.#options.remember) ?? declaredMilli;
    return {
      requestMilli: upToGranule(Math.max(defaultMarketPolicy.minMilli, need)),
      limitMilli: limitMilli === null ? null : upToGranule(this.#limitFor(milli, limitMilli)),
    };
  }

  #limitFor(neededMilli: number, declaredMilli: number): number {
    const { minMargin, idleLimitMilli } = defaultMarketPolicy;
    if (this.#options.limits === "ample") return ampleMilli(declaredMilli, neededMilli, defaultMarketPolicy);
    return Math.max(idleLimitMilli, neededMilli * (1 + minMargin));
  }
}

/** What was needed lately. */
class Recent {
  readonly #times: number[] = [];
  readonly #needs: number[] = [];

  add(milli: number, atMs: number): void {
    while ((this.#times[0] ?? atMs) <= atMs - recentMs) {
      this.#times.shift();
      this.#needs.shift();
    }
    this.#times.push(atMs);
    this.#needs.push(milli);
  }

  get highest(): number {
    return this.#needs.reduce((most, milli) => Math.max(most, milli), 0);
  }
}

function upToGranule(milli: number): number {
  return Math.ceil(milli / granuleMilli) * granuleMilli;
}

/** A new demand is answered within this: the reaction benchmark's 99th percentile, rounded up. */
const answersWithinMs = 2_000;

function walras(name: string, options: WalrasOptions): Rule {
  return {
    name,
    sizing: (declared) => new WalrasSizing(declared, options),
    how: {
      resizes: "into room",
      parts: (stepMs) => [answersWithinMs, stepMs - answersWithinMs],
      rations: true,
    },
  };
}

/** Ours, remembering as the controller does unless told otherwise. */
export function walrasRules(told: Partial<RememberPolicy> = {}): readonly Rule[] {
  const remember = { ...defaultRememberPolicy, ...told };
  return [
    walras("walras ample", { limits: "ample", sizedAtCreation: false, remember }),
    walras("walras ample, sized at creation", { limits: "ample", sizedAtCreation: true, remember }),
    walras("walras tight, sized at creation", { limits: "tight", sizedAtCreation: true, remember }),
  ];
}
