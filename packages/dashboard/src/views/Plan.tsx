import type { DashboardIntent } from "@walras/api";
import type { JSX } from "preact";

import { numberText, orUnknown } from "../state/format.ts";
import { Explained } from "../widgets/Explained.tsx";

/** An intent closer: its objectives, its plan, and what is not in it. */
export function Plan({ intent }: { readonly intent: DashboardIntent }): JSX.Element {
  const { name, verdict, reason, plan, cost, rejected, execution } = intent;
  return (
    <section class="panel plan" aria-label={`Plan of ${name}`}>
      <h2>{name}</h2>
      <p>
        <span class="tag">{verdict}</span> {reason}
      </p>
      <Objectives objectives={intent.objectives} />
      <h3>
        Plan, cost <Explained by="intent.cost">{numberText(cost)}</Explained>
      </h3>
      {plan.length === 0 ? <p class="muted">Nothing is to be done.</p> : null}
      <ol>
        {plan.map((action, at) => (
          <li key={at}>
            <code>{actionText(action)}</code>
          </li>
        ))}
      </ol>
      <h3>What came of it</h3>
      <p>
        {execution === null ? (
          <span class="muted">Nothing was to be done.</span>
        ) : (
          `${execution.verdict}: ${execution.message}`
        )}
      </p>
      <h3>Rejected</h3>
      {rejected.length === 0 ? <p class="muted">Nothing else was considered.</p> : null}
      <ul>
        {rejected.map((action, at) => (
          <li key={at}>
            <code>{actionText(action)}</code> <span class="muted">{action.reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function actionText({ name, properties }: DashboardIntent["plan"][number]): string {
  const texts = Object.entries(properties).map(([key, value]) => `${key} ${value}`);
  return [name, texts.join(", ")].filter(Boolean).join(": ");
}

function Objectives({ objectives }: { readonly objectives: DashboardIntent["objectives"] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Objectives">
      <table>
        <caption>Objectives</caption>
        <thead>
          <tr>
            {["Profile", "Target", "Now", "After the plan", "Met"].map((head, at) => (
              <th key={head} scope="col" class={at > 0 && at < 4 ? "num" : ""}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {objectives.map(({ profile, target, value, expected, met }) => (
            <tr key={profile}>
              <th scope="row">{profile}</th>
              <td class="num">{numberText(target)}</td>
              <td class="num">{orUnknown(value, numberText)}</td>
              <td class="num">{orUnknown(expected, numberText)}</td>
              <td>
                <span class={met === false ? "bad" : ""}>{orUnknown(met, (is) => (is ? "yes" : "no"))}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
