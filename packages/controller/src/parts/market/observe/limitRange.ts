import { parseCpu } from "@walras/kit";
import type { V1LimitRange, V1LimitRangeItem } from "@kubernetes/client-node";

import type { Projection } from "../../../base/cluster/cluster.ts";

/** What something's CPU must be within. */
export interface Bounds {
  /** Of the request. */
  readonly minMilli: number;
  /** Of the limit; Infinity: none, and there need be no limit. */
  readonly maxMilli: number;
  /** Most that the limit may be of the request; Infinity: none. */
  readonly maxRatio: number;
}

export const unbounded: Bounds = { minMilli: 0, maxMilli: Infinity, maxRatio: Infinity };

/** A LimitRange as far as it is about CPU. */
export interface LimitRangeState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly container: Bounds;
  readonly pod: Bounds;
}

/** LimitRanges by namespace. */
export const limitRangeProjection: Projection<LimitRangeState> = {
  resource: { apiVersion: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true },
  transform: toLimitRangeState,
  groupOf: ({ namespace }) => namespace,
};

/** @throws FieldError when a quantity cannot be read */
export function toLimitRangeState(raw: unknown): LimitRangeState {
  const { metadata, spec } = raw as V1LimitRange;
  const { uid = "", namespace = "", name = "" } = metadata ?? {};
  const limits = spec?.limits ?? [];
  const of = (type: string): Bounds =>
    tightest(limits.filter((one) => one.type === type).map((one) => toBounds(one, `LimitRange ${namespace}/${name}`)));
  return { uid, namespace, name, container: of("Container"), pod: of("Pod") };
}

/** What all of these leave. */
export function tightest(all: readonly Bounds[]): Bounds {
  return all.reduce(
    (one, other) => ({
      minMilli: Math.max(one.minMilli, other.minMilli),
      maxMilli: Math.min(one.maxMilli, other.maxMilli),
      maxRatio: Math.min(one.maxRatio, other.maxRatio),
    }),
    unbounded,
  );
}

function toBounds(item: V1LimitRangeItem, origin: string): Bounds {
  const milli = (bound: "min" | "max" | "maxLimitRequestRatio", without: number): number => {
    const text = item[bound]?.["cpu"];
    return text === undefined ? without : parseCpu(text, `${origin}.${item.type}.${bound}.cpu`);
  };
  return {
    minMilli: milli("min", 0),
    maxMilli: milli("max", Infinity),
    // A ratio is written as a quantity as well.
    maxRatio: milli("maxLimitRequestRatio", Infinity) / 1000,
  };
}
