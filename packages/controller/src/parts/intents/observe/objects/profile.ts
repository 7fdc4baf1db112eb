import { kpiProfileResource, kpiProfileSpec, type KpiProfileStatus } from "@walras/api";
import { describeError, parseWith } from "@walras/kit";
import type { StoreItem } from "@walras/kube";
import type { z } from "zod";

import type { Projection } from "../../../../base/cluster/cluster.ts";
import type { ObjectRef } from "../../../../base/told/decision.ts";
import { namesOf } from "./names.ts";

type Spec = z.output<typeof kpiProfileSpec>;

/** A KPIProfile as it was last read. */
export interface ProfileObject extends StoreItem {
  readonly ref: ObjectRef;
  readonly read: { readonly spec: Spec } | { readonly problem: string };
  /** What is written on it. */
  readonly status: KpiProfileStatus;
}

interface RawProfile {
  readonly metadata?: Partial<StoreItem>;
  readonly spec?: unknown;
  readonly status?: KpiProfileStatus;
}

function toProfileObject(raw: unknown): ProfileObject {
  const { metadata, spec, status = {} } = raw as RawProfile;
  const names = namesOf(metadata);
  const { apiVersion, kind } = kpiProfileResource;
  return { ...names, ref: { apiVersion, kind, ...names }, read: readSpec(spec), status };
}

function readSpec(input: unknown): ProfileObject["read"] {
  try {
    return { spec: parseWith(kpiProfileSpec, input, "spec") };
  } catch (error) {
    return { problem: describeError(error) };
  }
}

export const profileProjection: Projection<ProfileObject> = {
  resource: kpiProfileResource,
  transform: toProfileObject,
};
