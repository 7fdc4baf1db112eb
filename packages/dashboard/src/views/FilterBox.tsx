import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { useModel } from "../widgets/context.ts";

/** What the lists are filtered by; `/` comes here, Enter goes back with it. */
export function FilterBox(): JSX.Element {
  const model = useModel();
  const input = useRef<HTMLInputElement>(null);
  const isFiltering = model.isFiltering.value;
  useLayoutEffect(() => {
    if (isFiltering) input.current?.focus();
    else input.current?.blur();
  }, [isFiltering]);
  return (
    <input
      ref={input}
      type="search"
      aria-label="Filter"
      placeholder="/ filter"
      autocomplete="off"
      spellcheck={false}
      value={model.filter.value}
      onFocus={() => (model.isFiltering.value = true)}
      onBlur={() => (model.isFiltering.value = false)}
      onInput={(event) => (model.filter.value = event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
      }}
    />
  );
}
