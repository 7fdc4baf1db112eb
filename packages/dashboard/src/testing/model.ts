import { VirtualClock } from "@walras/kit/clock";

import { sessionTokens } from "../api/token.ts";
import { Model } from "../state/model.ts";

/** A model without a browser, and what it has done to the outside. */
export interface TestModel {
  readonly model: Model;
  /** Fragments that it went to. */
  readonly gone: string[];
  readonly copied: string[];
  readonly kept: Map<string, string>;
  readonly clock: VirtualClock;
}

export function testModel(): TestModel {
  const gone: string[] = [];
  const copied: string[] = [];
  const kept = new Map<string, string>();
  const clock = new VirtualClock();
  const model = new Model({
    clock,
    api: {
      ask: () => Promise.reject(new Error("nothing is asked here")),
      follow: () => Promise.reject(new Error("nothing is followed here")),
    },
    tokens: sessionTokens(storageOf(new Map())),
    kept: storageOf(kept),
    go: (fragment) => gone.push(fragment),
    copy: async (text) => copied.push(text) > 0,
  });
  return { model, gone, copied, kept, clock };
}

function storageOf(map: Map<string, string>): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  return {
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}
