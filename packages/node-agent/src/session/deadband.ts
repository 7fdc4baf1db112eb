import type { ContainerSample } from "../sample/sampler.ts";

/** A sample in the units of the wire: thousandths, -1 for unknown. */
export interface WireSample {
  readonly usageMilli: number;
  readonly throttledPermille: number;
  readonly throttledMilli: number;
  readonly pressurePermille: number;
}

/** A container's limits in the units of the wire: -1 without a limit, 0 for an unknown weight. */
export interface WireLimits {
  readonly quotaMilli: number;
  readonly podQuotaMilli: number;
  readonly sharesOrWeight: number;
}

const usageDeadband = { absolute: 2, relative: 0.02 };
const throttledDeadband = { absolute: 5, relative: 0.05 };
const ratioDeadbandPermille = 10;
/** Waiting for CPU is noisy by nature. */
const pressureDeadbandPermille = 20;

export function wireSample(sample: ContainerSample): WireSample {
  return {
    usageMilli: Math.round(sample.usageMilli),
    throttledPermille: permille(sample.throttledRatio),
    throttledMilli: Math.round(sample.throttledMilli),
    pressurePermille: permille(sample.pressureRatio),
  };
}

export function wireLimits({ quotaMilli, podQuotaMilli, sharesOrWeight }: ContainerSample): WireLimits {
  return {
    quotaMilli: quotaMilli === null ? -1 : Math.round(quotaMilli),
    podQuotaMilli: podQuotaMilli === null ? -1 : Math.round(podQuotaMilli),
    sharesOrWeight: sharesOrWeight ?? 0,
  };
}

/** Whether `now` is news to somebody who was told `told`. */
export function isNews(told: WireSample, now: WireSample): boolean {
  return (
    beyond(told.usageMilli, now.usageMilli, usageDeadband) ||
    beyond(told.throttledMilli, now.throttledMilli, throttledDeadband) ||
    ratioIsNews(told.throttledPermille, now.throttledPermille, ratioDeadbandPermille) ||
    ratioIsNews(told.pressurePermille, now.pressurePermille, pressureDeadbandPermille)
  );
}

export function sameLimits(one: WireLimits, other: WireLimits): boolean {
  return (
    one.quotaMilli === other.quotaMilli &&
    one.podQuotaMilli === other.podQuotaMilli &&
    one.sharesOrWeight === other.sharesOrWeight
  );
}

function beyond(told: number, now: number, band: { absolute: number; relative: number }): boolean {
  return Math.abs(now - told) > Math.max(band.absolute, band.relative * told);
}

/** Becoming known, unknown or none at all is news however small the step. */
function ratioIsNews(told: number, now: number, band: number): boolean {
  return Math.abs(now - told) > band || (told !== now && Math.min(told, now) <= 0);
}

function permille(ratio: number | null): number {
  return ratio === null ? -1 : Math.round(ratio * 1000);
}
