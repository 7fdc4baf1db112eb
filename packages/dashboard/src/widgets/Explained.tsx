import type { ComponentChildren, JSX } from "preact";

import { useModel } from "./context.ts";

/** A number, or the head of a column of numbers, that says on a click how it is made. */
export function Explained({
  by,
  children,
}: {
  readonly by: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const model = useModel();
  return (
    <button type="button" class="number" title="How it is made" onClick={() => (model.explaining.value = by)}>
      {children}
    </button>
  );
}
