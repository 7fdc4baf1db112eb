import type { Model } from "../state/model.ts";

import { actionOf } from "./keymap.ts";
import { back, perform } from "./perform.ts";

/** Keys of the whole page, but for those that a field, a link or a button takes itself. */
export function listenToKeys(model: Model, page: Document): void {
  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || model.refused.value !== null) return;
    const { target } = event;
    if (target instanceof HTMLInputElement) {
      if (event.key === "Escape") leave(model, event, target);
      return;
    }
    const action = actionOf(event);
    if (action === null || (event.key === "Enter" && takesEnter(target))) return;
    if (model.overlay.value !== null && action.do !== "back") return;
    event.preventDefault();
    perform(model, action);
  });
}

/** Escape in a field: an overlay is closed; the filter is emptied; another field is left. */
function leave(model: Model, event: Event, field: HTMLInputElement): void {
  event.preventDefault();
  const isOurs = model.overlay.value !== null || model.isFiltering.value;
  field.blur();
  if (isOurs) back(model);
}

function takesEnter(target: EventTarget | null): boolean {
  return target instanceof HTMLAnchorElement || target instanceof HTMLButtonElement;
}
