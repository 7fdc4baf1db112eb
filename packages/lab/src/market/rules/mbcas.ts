import type { Resources, Rule, Seen, Sizing, Standing } from "../rule.ts";

/** Of the agent and its solver: see ENSIAS-3A-Projects/Projet-Federateur, pkg/agent and pkg/allocation. */
const demandFactor = 1.2;
const maxFactor = 1.1;
const minFactor = 1.15;
const throttledFactor = 3;
const mostFactor = 10;
const requestShare = 0.9;
const leastMilli = 10;
const mostMilli = 10_000;
/** What of a change is kept from round to round: fast down, slow up. */
const kept = { down: 0.3, up: 0.9 };
const hysteresis = 0.05;
const cooldownMs = 30_000;
const roundsInCooldown = 2;

/**
 * MBCAS: limits follow use, requests are nine tenths of them. Alone on its node a container is given the most it
 * bids for, since its solver hands out all of the capacity; what its nodes oversell is left out in its favour.
 */
class MbcasSizing implements Sizing {
  #bidMilli: number | null = null;
  #smoothedMilli: number | null = null;

  observe({ usedMilli, throttledMilli }: Seen): void {
    const throttled = throttledMilli > 0;
    const demand = usedMilli * demandFactor * (throttled ? throttledFactor : 1);
    const bid = throttled ? Math.min(usedMilli * mostFactor, demand * maxFactor) : demand * maxFactor;
    this.#bidMilli = Math.min(mostMilli, Math.max(leastMilli, usedMilli * minFactor, bid));
  }

  want({ has }: Standing): Resources {
    const bid = this.#bidMilli;
    if (bid === null) return has;
    const before = this.#smoothedMilli ?? has.limitMilli ?? bid;
    const stays = (bid < before ? kept.down : kept.up) ** roundsInCooldown;
    this.#smoothedMilli = bid + (before - bid) * stays;
    const limitMilli = Math.round(this.#smoothedMilli);
    const held = has.limitMilli;
    if (held !== null && Math.abs(limitMilli - held) < hysteresis * held) return has;
    return { requestMilli: Math.max(leastMilli, Math.round(limitMilli * requestShare)), limitMilli };
  }

  atCreation(): null {
    return null;
  }
}

export const mbcas: Rule = {
  name: "MBCAS",
  sizing: () => new MbcasSizing(),
  how: {
    resizes: "whole",
    parts: (stepMs) =>
      Array.from({ length: Math.ceil(stepMs / cooldownMs) }, (_, index) =>
        Math.min(cooldownMs, stepMs - index * cooldownMs),
      ),
    rations: false,
  },
};
