import { intentResource, intentSpec } from "@walras/api";
import { describeError, errorAt, parseWith } from "@walras/kit";
import type { StoreItem } from "@walras/kube";
import type { z } from "zod";

import type { Projection } from "../../../../base/cluster/cluster.ts";
import type { ObjectRef } from "../../../../base/told/decision.ts";
import { namesOf, objectKey } from "./names.ts";

type Spec = z.output<typeof intentSpec>;

/** An Intent as it was last read. */
export interface IntentObject extends StoreItem {
  readonly ref: ObjectRef;
  readonly generation: number;
  readonly read: { readonly spec: Spec } | { readonly problem: string };
}

interface RawIntent {
  readonly metadata?: Partial<StoreItem> & { readonly generation?: number };
  readonly spec?: unknown;
}

/** One that cannot be read is an object as well: its problem is told on it. */
function toIntentObject(raw: unknown): IntentObject {
  const { metadata, spec } = raw as RawIntent;
  const names = namesOf(metadata);
  const { apiVersion, kind } = intentResource;
  return {
    ...names,
    generation: metadata?.generation ?? 0,
    ref: { apiVersion, kind, ...names },
    read: readSpec(spec),
  };
}

function readSpec(input: unknown): IntentObject["read"] {
  try {
    const spec = parseWith(intentSpec, input, "spec");
    mustBeKey("spec.targetRef.name", spec.targetRef.name);
    for (const [index, { measuredBy }] of spec.objectives.entries())
      mustBeKey(`spec.objectives.${index}.measuredBy`, measuredBy);
    return { spec };
  } catch (error) {
    return { problem: describeError(error) };
  }
}

function mustBeKey(field: string, value: string): void {
  if (!objectKey.test(value)) throw errorAt(field, value, "is not namespace/name");
}

export const intentProjection: Projection<IntentObject> = { resource: intentResource, transform: toIntentObject };
