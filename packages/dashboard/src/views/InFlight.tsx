import type { DashboardReleases } from "@walras/api";
import type { JSX } from "preact";

import { spanText } from "../state/format.ts";
import { useModel } from "../widgets/context.ts";

/** Releases that are under way. */
export function InFlight({ releases }: { readonly releases: DashboardReleases["inFlight"] }): JSX.Element {
  const now = useModel().nowMs.value;
  return (
    <section class="panel" aria-labelledby="inflight">
      <h2 id="inflight">Under way</h2>
      {releases.length === 0 ? <p class="muted">Nothing is being released.</p> : null}
      <ul class="decisions">
        {releases.map(({ app, release, phase, revisions, sinceMs, rollback }) => (
          <li key={release}>
            <span class="muted">{spanText(now - sinceMs)}</span>
            <span>
              <b>{app}</b> <span class={rollback ? "tag bad" : "tag"}>{rollback ? `rolls back: ${phase}` : phase}</span>{" "}
              {revisions.map((revision) => revision.slice(0, 8)).join(", ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
