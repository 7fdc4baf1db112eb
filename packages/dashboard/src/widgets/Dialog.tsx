import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import { useModel } from "./context.ts";

/** What lies over the page until it is closed. */
export function Dialog({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const model = useModel();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog ref={dialog} class="overlay" aria-label={title} onCancel={() => (model.overlay.value = null)}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
