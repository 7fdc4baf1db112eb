import type { PodContainer } from "@walras/api";
import type { JSX } from "preact";

import { cpuText, orUnknown } from "../state/format.ts";

/** What each container declares, has and is recommended. */
export function Containers({ containers }: { readonly containers: readonly PodContainer[] }): JSX.Element {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Containers">
      <table>
        <caption>Containers: request and limit.</caption>
        <thead>
          <tr>
            {["Container", "Declared", "Now", "Recommended", "Uses", "Throttled"].map((head, index) => (
              <th key={head} scope="col" class={index === 0 ? "" : "num"}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {containers.map((one) => (
            <tr key={one.name}>
              <th scope="row">{one.name}</th>
              <td class="num">{pair(one.declaredRequestMilli, one.declaredLimitMilli)}</td>
              <td class="num">{pair(one.requestMilli, one.limitMilli)}</td>
              <td class="num">{recommended(one)}</td>
              <td class="num">{orUnknown(one.usedMilli, cpuText)}</td>
              <td class="num">{orUnknown(one.throttledMilli, cpuText)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function pair(request: number | null, limit: number | null): string {
  return `${request === null ? "none" : cpuText(request)} / ${limit === null ? "none" : cpuText(limit)}`;
}

function recommended({ recommendedRequestMilli: request, recommendedLimitMilli: limit }: PodContainer): string {
  return request === null ? "nothing" : pair(request, limit);
}
