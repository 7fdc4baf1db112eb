import { defaultMarketPolicy, type MarketPolicy } from "./decide/policy.ts";
import { live, type MarketFlags } from "./flags.ts";
import type { MarketSettings } from "./observe/managed.ts";
import { defaultRememberPolicy, type RememberPolicy } from "./remember/policy.ts";

/** What the market decides by. Everything holds these same objects and reads them at each use, so that they may change while it runs. */
export class MarketTerms {
  readonly settings: MarketSettings;
  readonly policy: MarketPolicy;
  readonly remember: RememberPolicy;
  readonly #flags: MarketFlags;

  constructor(flags: MarketFlags) {
    this.#flags = { ...flags };
    this.settings = settingsOf(flags);
    this.policy = { ...defaultMarketPolicy, ...boundsOf(flags) };
    this.remember = { ...defaultRememberPolicy, ...memoryOf(flags) };
  }

  /** Takes what may change while the market runs, and nothing else. */
  take(fresh: MarketFlags): void {
    Object.assign(this.#flags, Object.fromEntries(live.map((name) => [name, fresh[name]])));
    Object.assign(this.settings, settingsOf(this.#flags));
    Object.assign(this.policy, boundsOf(this.#flags));
    Object.assign(this.remember, memoryOf(this.#flags));
  }
}

function settingsOf({ mode, limits, sizeNewPods, overbook, policies = [] }: MarketFlags): MarketSettings {
  return { mode, limits, sizeNewPods, overbook, policies };
}

function boundsOf({
  reserve: reserveFraction,
  overbook,
}: MarketFlags): Pick<MarketPolicy, "reserveFraction" | "overbook"> {
  return { reserveFraction, overbook };
}

function memoryOf({ requestMemory: memoryMs, overbook }: MarketFlags): Pick<RememberPolicy, "memoryMs" | "overbook"> {
  return { memoryMs, overbook };
}
