import type { ContainerCreation, CreationProfileSpec } from "@walras/api";

/** Smaller differences are none. */
const leastShare = 0.2;
const leastMilli = 20;
const leastTrustPercent = 10;
/** So much of what it was valid for is left at least. */
const renewedShare = 0.75;

/** How soon what is known is to be written over what was: at once where new pods would get too little, or must not be sized. */
export type News = "urgent" | "some" | "none";

/** @param memoryMs for how long it is valid when it is written */
export function newsIn(
  before: CreationProfileSpec,
  now: CreationProfileSpec,
  { nowMs, memoryMs }: { readonly nowMs: number; readonly memoryMs: number },
): News {
  if (asksMore(before, now)) return "urgent";
  const keys = Object.keys(now.workloads);
  if (before.overbook !== now.overbook || before.minMilli !== now.minMilli) return "some";
  if (before.maxLimitRequestRatio !== now.maxLimitRequestRatio) return "some";
  if (keys.some((key) => isMoved(before.workloads[key], now.workloads[key]))) return "some";
  return Date.parse(before.validUntil) - nowMs < renewedShare * memoryMs ? "some" : "none";
}

type Containers = Readonly<Record<string, ContainerCreation>>;

/** Somebody would get too little by what was written, or must not be sized any more. */
function asksMore(before: CreationProfileSpec, now: CreationProfileSpec): boolean {
  const ratio = ({ maxLimitRequestRatio = Infinity }: CreationProfileSpec): number => maxLimitRequestRatio;
  if (now.overbook < before.overbook || now.minMilli > before.minMilli || ratio(now) < ratio(before)) return true;
  return pairs(before.workloads, now.workloads).some(([old, known]) => {
    if (known === undefined) return true;
    return pairs(old, known).some(([was, is]) => is === undefined || isMore(was, is));
  });
}

/** Each that there was, with what there is in its place. */
function pairs<Value>(
  before: Readonly<Record<string, Value>>,
  now: Readonly<Record<string, Value>>,
): readonly (readonly [Value, Value | undefined])[] {
  return Object.entries(before).map(([key, value]) => [value, now[key]]);
}

function isMore(was: ContainerCreation, is: ContainerCreation): boolean {
  if (was.trustPercent - is.trustPercent >= leastTrustPercent) return true;
  return (["habitMilli", "leastMilli"] as const).some(
    (field) => is[field] > was[field] && differ(was[field], is[field]),
  );
}

function isMoved(before: Containers | undefined, now: Containers | undefined): boolean {
  return Object.entries(now ?? {}).some(([container, is]) => {
    const was = before?.[container];
    if (was === undefined || Math.abs(is.trustPercent - was.trustPercent) >= leastTrustPercent) return true;
    return differ(was.habitMilli, is.habitMilli) || differ(was.leastMilli, is.leastMilli);
  });
}

function differ(was: number, is: number): boolean {
  return Math.abs(is - was) >= Math.max(leastMilli, leastShare * was);
}
