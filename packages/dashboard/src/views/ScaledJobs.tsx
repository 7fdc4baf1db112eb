import type { SlotOwner } from "@walras/api";
import type { JSX } from "preact";

import { countText } from "../state/format.ts";

/** Who asks for slots. */
export function ScaledJobs({ jobs }: { readonly jobs: readonly SlotOwner[] }): JSX.Element {
  if (jobs.length === 0)
    return (
      <section class="panel">
        <h2>ScaledJobs</h2>
        <p class="muted">No ScaledJob of KEDA asks here.</p>
      </section>
    );
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="ScaledJobs">
      <table>
        <caption>ScaledJobs that share the slots.</caption>
        <thead>
          <tr>
            <th scope="col">ScaledJob</th>
            <th scope="col" class="num">
              Not ended
            </th>
            <th scope="col" class="num">
              Granted
            </th>
            <th scope="col">Asks here</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map(({ namespace, name, unfinished, granted, asked }) => (
            <tr key={`${namespace}/${name}`}>
              <th scope="row">
                {namespace}/{name}
              </th>
              <td class="num">{countText(unfinished)}</td>
              <td class="num">{countText(granted)}</td>
              <td>{asked ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
