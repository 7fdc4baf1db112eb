import { eachStep, type Resources, type Rule, type Seen, type Sizing, type Standing } from "../rule.ts";
import { Recommender } from "../vpa/recommender.ts";
import { isUpdated } from "../vpa/updater.ts";

/** Requests alone, or limits in the proportion to them that was declared, which is the default. */
type Controls = "requests and limits" | "requests only";

class VpaSizing implements Sizing {
  readonly #recommender = new Recommender();
  readonly #declared: Resources;
  readonly #controls: Controls;

  constructor(declared: Resources, controls: Controls) {
    this.#declared = declared;
    this.#controls = controls;
  }

  observe(seen: Seen): void {
    this.#recommender.observe(seen);
  }

  want({ nowMs, startedMs, has }: Standing): Resources {
    const recommendation = this.#recommender.recommend();
    if (!recommendation || !isUpdated(has.requestMilli, nowMs - startedMs, recommendation)) return has;
    return this.#sized(recommendation.targetMilli);
  }

  atCreation(): Resources | null {
    const recommendation = this.#recommender.recommend();
    return recommendation && this.#sized(recommendation.targetMilli);
  }

  #sized(targetMilli: number): Resources {
    const { requestMilli, limitMilli } = this.#declared;
    if (limitMilli === null) return { requestMilli: targetMilli, limitMilli };
    if (this.#controls === "requests only") return { requestMilli: Math.min(targetMilli, limitMilli), limitMilli };
    return { requestMilli: targetMilli, limitMilli: Math.round((targetMilli * limitMilli) / requestMilli) };
  }
}

function vpa(name: string, resizes: Rule["how"]["resizes"], controls: Controls): Rule {
  return {
    name,
    sizing: (declared) => new VpaSizing(declared, controls),
    how: { resizes, parts: eachStep, rations: false },
  };
}

/** The Vertical Pod Autoscaler as it comes, in place, and in place without limits. */
export const vpaRules: readonly Rule[] = [
  vpa("VPA Recreate", "by eviction", "requests and limits"),
  vpa("VPA InPlace", "whole", "requests and limits"),
  vpa("VPA InPlace, requests", "whole", "requests only"),
];
