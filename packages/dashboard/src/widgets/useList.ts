import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { indexOf, type Move, moved } from "../state/list.ts";
import type { ListHandle, Model } from "../state/model.ts";

import { useModel } from "./context.ts";

/** A list with a cursor that keys move. */
export interface Cursor {
  /** −1: the list is empty. */
  readonly index: number;
  /** Chosen by hand. @param focus whether its row is to have the focus */
  choose(index: number, focus: boolean): void;
  /** Id of the row's link. */
  idOf(index: number): string;
}

interface ListOptions {
  /** By which the choice is remembered. */
  readonly name: string;
  readonly keys: readonly string[];
  open(key: string): void;
  /** Where left and right lead; null: nowhere. */
  readonly aside?: (index: number, to: "left" | "right") => number;
  /** Other than a line up or down. */
  readonly step?: (index: number, move: Move) => number;
}

/** Gives the keys a list to move in, while its view is open. */
export function useList(options: ListOptions): Cursor {
  const model = useModel();
  const chosen = useSignal<string | null>(model.chosen.get(options.name) ?? null);
  const former = useRef(0);
  const wantsFocus = useRef(false);
  const index = indexOf(options.keys, chosen.value, former.current);
  former.current = index;
  const idOf = (at: number): string => `${options.name}-${at}`;
  const choose = (at: number, focus: boolean): void => {
    const key = options.keys[at];
    if (key === undefined) return;
    model.chosen.set(options.name, key);
    wantsFocus.current = focus;
    if (key === chosen.value && focus) document.getElementById(idOf(at))?.focus();
    chosen.value = key;
  };
  useLayoutEffect(() => {
    if (wantsFocus.current) document.getElementById(idOf(index))?.focus();
    wantsFocus.current = false;
  });
  useHandle(model, {
    move: (move) => choose(options.step?.(index, move) ?? moved(index, options.keys.length, move), true),
    aside: (to) => options.aside && choose(options.aside(index, to), true),
    open: () => {
      const key = options.keys[index];
      if (key !== undefined) options.open(key);
    },
  });
  return { index, choose, idOf };
}

function useHandle(model: Model, handle: ListHandle): void {
  useLayoutEffect(() => {
    model.list = handle;
    return () => {
      if (model.list === handle) model.list = null;
    };
  });
}

/** Rows of which the text has every word of the filter. */
export function useMatching<T>(rows: readonly T[], textOf: (row: T) => string): readonly T[] {
  const words = useModel().filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
