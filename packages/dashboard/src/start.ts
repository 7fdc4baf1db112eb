import type { DashboardMe, DecisionEvent, SummaryEvent } from "@walras/api";
import { Backoff } from "@walras/kit/backoff";
import type { Rng } from "@walras/kit/rng";
import { effect } from "@preact/signals";

import { ApiError } from "./api/client.ts";
import { follow, type Listener } from "./api/live.ts";
import type { ServerEvent } from "./api/sse.ts";
import { linkAfter } from "./state/link.ts";
import type { Model } from "./state/model.ts";
import { decisionsAfter, summaryAfter } from "./state/summary.ts";

const reconnect = { firstMs: 1_000, maxMs: 30_000 };
const secondMs = 1_000;

/** Follows the controller while the reader may see it, and moves time. */
export function startFollowing(model: Model, rng: Rng): void {
  effect(() => {
    if (model.refused.value !== null) return undefined;
    const stop = new AbortController();
    const { api, clock } = model.outside;
    void follow({ api, clock, backoff: new Backoff(reconnect, rng), listener: listenerOf(model) }, stop.signal);
    void learnMe(model);
    return () => stop.abort();
  });
  tick(model);
}

function tick(model: Model): void {
  const { clock } = model.outside;
  model.nowMs.value = clock.wallMs();
  clock.after(secondMs, () => tick(model));
}

async function learnMe(model: Model): Promise<void> {
  try {
    model.me.value = (await model.outside.api.ask("me")) as DashboardMe;
  } catch (error) {
    // The stream says the same, and goes on trying.
    if (!(error instanceof ApiError)) throw error;
  }
}

function listenerOf(model: Model): Listener {
  return {
    heard: () => {
      model.link.value = linkAfter(model.link.value, { kind: "heard", nowMs: model.outside.clock.wallMs() });
    },
    lost: (error, retryMs) => {
      if (error.status === 401 || error.status === 403)
        model.refused.value = { status: error.status, message: error.message };
      model.link.value = linkAfter(model.link.value, { kind: "lost", why: error.message, retryMs });
    },
    event: (event) => take(model, event),
  };
}

/** @returns false where the summary does not follow what is known */
function take(model: Model, { event, data }: ServerEvent): boolean {
  if (event === "decision") {
    model.decisions.value = decisionsAfter(model.decisions.value, JSON.parse(data) as DecisionEvent);
    return true;
  }
  if (event !== "summary") return true;
  const after = summaryAfter(model.summary.value, JSON.parse(data) as SummaryEvent);
  if (after !== null) model.summary.value = after;
  return after !== null;
}
