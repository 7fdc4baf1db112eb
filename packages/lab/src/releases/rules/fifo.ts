import { headroomOf } from "@walras/controller/carla";

import { Openings } from "../openings.ts";
import { isOperating, isWaiting, type LabApp, type LabView, type ReleaseRule } from "../rule.ts";
import { Capacity } from "./capacity.ts";

/** First come, first served; who does not fit holds up those behind. */
export class Fifo implements ReleaseRule {
  readonly name: string = "fifo";

  choose(view: LabView): readonly string[] {
    if (view.tick === null) return [];
    const capacity = this.capacity(view);
    const queue = view.apps.filter((app) => isWaiting(app) && this.mayGo(app, view)).toSorted(byAge);
    const blockedAt = queue.findIndex((app) => !capacity.take(app));
    return queue.slice(0, blockedAt < 0 ? queue.length : blockedAt).map(({ policy: { name } }) => name);
  }

  protected capacity(view: LabView): Capacity {
    return new Capacity(view);
  }

  protected mayGo(_app: LabApp, _view: LabView): boolean {
    return true;
  }
}

/** First come, first served, by somebody who looks at the clock and asks for consent where it is needed; and at nothing else. */
export class FifoInWindow extends Fifo {
  override readonly name: string = "fifo-in-window";
  readonly #openings = new Openings();

  protected override mayGo({ policy, approval }: LabApp, { config, nowMs }: LabView): boolean {
    if (!this.#openings.isOpen(policy.calendar, nowMs)) return false;
    const needsConsent = config.policy.pauseHighRisk && policy.risk >= config.policy.risk.high;
    return !needsConsent || approval !== null;
  }
}

/** The same by somebody as careful as we are: with room in the cluster until a release is healthy, after what it depends on, and not at once after a failure. */
export class FifoCareful extends FifoInWindow {
  override readonly name = "fifo-careful";

  override choose(view: LabView): readonly string[] {
    const headroom = headroomOf(view.usage, view.config.policy);
    return headroom === null || headroom < view.config.policy.minHeadroom ? [] : super.choose(view);
  }

  protected override capacity(view: LabView): Capacity {
    return new Capacity(view, (app) => isOperating(app) || app.health === "Progressing");
  }

  protected override mayGo(app: LabApp, view: LabView): boolean {
    const { dependsOn } = app.policy;
    const missing = view.apps.some(
      ({ policy, sync, health }) => dependsOn.includes(policy.name) && (sync !== "Synced" || health !== "Healthy"),
    );
    return !missing && !isBackingOff(app, view) && super.mayGo(app, view);
  }
}

/** The first wait of the policy's back-off; it is not doubled. */
function isBackingOff({ operation }: LabApp, { config, nowMs }: LabView): boolean {
  if (operation?.phase !== "Failed" || operation.finishedAtMs === null) return false;
  return nowMs - operation.finishedAtMs < config.policy.rollout.backoffFirstMs;
}

function byAge(one: LabApp, other: LabApp): number {
  return (one.pendingSinceMs ?? 0) - (other.pendingSinceMs ?? 0);
}
