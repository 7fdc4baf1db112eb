import type { SummaryStrip } from "@walras/api";
import type { JSX } from "preact";

import { type Figure, figuresOf, moneyOf, parsePrice } from "../state/figures.ts";
import { moneyText, numberText } from "../state/format.ts";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";

/** What matters of the whole cluster, above every view. */
export function Strip(): JSX.Element | null {
  const model = useModel();
  const { value: summary } = model.summary;
  if (summary === null) return null;
  return (
    <section aria-label="The cluster">
      <dl class="strip">
        {figuresOf(summary.strip).map((figure) => (
          <Told key={figure.key} figure={figure} />
        ))}
        <Money strip={summary.strip} />
      </dl>
    </section>
  );
}

function Told({ figure: { label, key, value, note, tone, filter } }: { readonly figure: Figure }): JSX.Element {
  const model = useModel();
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd class={tone}>
        <Explained by={key}>{value}</Explained>
      </dd>
      <dd class="note">
        {note}
        {filter === undefined ? null : (
          <>
            {": "}
            <button type="button" class="number" onClick={() => model.findNodes(filter)}>
              show<span class="hidden-text"> nodes with {label.toLowerCase()}</span>
            </button>
          </>
        )}
      </dd>
    </div>
  );
}

function Money({ strip }: { readonly strip: SummaryStrip }): JSX.Element {
  const model = useModel();
  const own = model.price.value;
  const { promised, saved, offered } = moneyOf(strip, own);
  return (
    <div class="figure">
      <dt>Money a month</dt>
      <dd>
        <Explained by="strip.promisedPerMonth">{moneyText(promised)}</Explained>
      </dd>
      <dd class="note">
        <Explained by="strip.savedPerMonth">{moneyText(saved)} saved</Explained>,{" "}
        <Explained by="strip.offeredPerMonth">{moneyText(offered)} offered</Explained>
      </dd>
      <dd class="price">
        <label>
          a core-hour{" "}
          <input
            inputMode="decimal"
            value={own ?? strip.coreHourPrice}
            title={own === null ? "the controller's" : `yours; the controller's is ${numberText(strip.coreHourPrice)}`}
            onChange={(event) => model.setPrice(parsePrice(event.currentTarget.value))}
          />
        </label>
      </dd>
    </div>
  );
}
