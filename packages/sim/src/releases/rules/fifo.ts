import { Openings } from "../openings.ts";
import { isWaiting, type LabApp, type LabView, type ReleaseRule } from "../rule.ts";
import { Capacity } from "./capacity.ts";

/** First come, first served; who does not fit holds up those behind. */
export class Fifo implements ReleaseRule {
  readonly name: string = "fifo";

  choose(view: LabView): readonly string[] {
    if (view.tick === null) return [];
    const capacity = new Capacity(view);
    const queue = view.apps.filter((app) => isWaiting(app) && this.mayGo(app, view)).toSorted(byAge);
    const blockedAt = queue.findIndex((app) => !capacity.take(app));
    return queue.slice(0, blockedAt < 0 ? queue.length : blockedAt).map(({ policy: { name } }) => name);
  }

  protected mayGo(_app: LabApp, _view: LabView): boolean {
    return true;
  }
}

/** First come, first served, by somebody who looks at the clock and asks for consent where it is needed; and at nothing else. */
export class FifoInWindow extends Fifo {
  override readonly name = "fifo-in-window";
  readonly #openings = new Openings();

  protected override mayGo({ policy, approval }: LabApp, { config, nowMs }: LabView): boolean {
    if (!this.#openings.isOpen(policy.calendar, nowMs)) return false;
    const needsConsent = config.policy.pauseHighRisk && policy.risk >= config.policy.risk.high;
    return !needsConsent || approval !== null;
  }
}

function byAge(one: LabApp, other: LabApp): number {
  return (one.pendingSinceMs ?? 0) - (other.pendingSinceMs ?? 0);
}
