import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Model } from "../state/model.ts";

export const ModelContext = createContext<Model | null>(null);

/** The page's model. @throws Error outside the page */
export function useModel(): Model {
  const model = useContext(ModelContext);
  if (model === null) throw new Error("a part of the page was drawn outside of it");
  return model;
}
