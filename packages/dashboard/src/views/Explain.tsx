import type { DashboardExplanation } from "@walras/api";
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { useModel } from "../widgets/context.ts";
import { Answer } from "../widgets/Notice.tsx";
import { useAsked } from "../widgets/useAsked.ts";

/** How the number that was clicked is made. */
export function Explain(): JSX.Element | null {
  const { value: key } = useModel().explaining;
  return key === null ? null : <Told key={key} by={key} />;
}

function Told({ by }: { readonly by: string }): JSX.Element {
  const model = useModel();
  const asked = useAsked<DashboardExplanation>(`explain/${encodeURIComponent(by)}`, 0);
  const close = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    close.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div class="explain" role="dialog" aria-label="How the number is made">
      <div class="head">
        <h2>{asked.value.state === "ready" ? asked.value.data.title : by}</h2>
        <button type="button" ref={close} onClick={() => (model.explaining.value = null)}>
          Close
        </button>
      </div>
      <Answer asked={asked.value} what="the explanation">
        {({ unit, formula, inputs, source }) => (
          <>
            <p>{formula}</p>
            {inputs.length === 0 ? null : (
              <dl class="keys">
                {inputs.map(({ name, value }) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value}</dd>])}
              </dl>
            )}
            <p class="muted">
              {unit === "" ? "A count." : `In ${unit}.`} From {source}
            </p>
          </>
        )}
      </Answer>
    </div>
  );
}
