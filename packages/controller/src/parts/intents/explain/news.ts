import { isDeepStrictEqual } from "node:util";

import type { IntentStatus } from "@walras/api";

/** A current value that has moved by less is no news by itself. */
const noise = 0.05;

/** Whether a status says something that the one before does not. What is measured anew each round alone is none. */
export function isNews(before: IntentStatus, after: IntentStatus): boolean {
  if (!isDeepStrictEqual(withoutValues(before), withoutValues(after))) return true;
  return (after.objectives ?? []).some(({ profile, current }) => {
    const last = before.objectives?.find((one) => one.profile === profile)?.current;
    return hasMoved(last, current);
  });
}

function hasMoved(from: number | undefined, to: number | undefined): boolean {
  if (from === undefined || to === undefined) return from !== to;
  return Math.abs(to - from) > noise * Math.max(Math.abs(from), Math.abs(to));
}

/** Messages have measured values in them. */
function withoutValues({ objectives = [], conditions = [], ...rest }: IntentStatus): object {
  return {
    ...rest,
    objectives: objectives.map(({ current, ...objective }) => ({ ...objective, isKnown: current !== undefined })),
    conditions: conditions.map(({ message, ...condition }) => ({ ...condition, isSaid: message !== "" })),
  };
}
