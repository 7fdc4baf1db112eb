import type { PodAllocation } from "@walras/api";
import { parseCpu } from "@walras/kit";

/** Request and limit of a pod together, in millicores. */
export interface Amount {
  readonly requestMilli: number | null;
  /** null: no container has one, or it is not known. */
  readonly limitMilli: number | null;
}

/** What a PodAllocation says of a pod's CPU. */
export interface Amounts {
  readonly declared: Amount;
  /** What the node enforces; not known before anything was said of it. */
  readonly enforced: Amount;
  readonly desired: Amount;
  readonly rationMilli: number | null;
}

/** @throws FieldError naming the object, the field and the value */
export function amountsOf({ metadata, spec, status = {} }: PodAllocation): Amounts {
  const at = (field: string): string => `podallocation ${metadata.namespace}/${metadata.name}.${field}`;
  const milli = (text: string | undefined, field: string): number | null =>
    text === undefined ? null : parseCpu(text, at(field));
  const declared = (key: "declaredCPURequest" | "declaredCPULimit"): number | null =>
    sum((spec.containers ?? []).flatMap((one) => milli(one[key], `spec.containers.${one.name}.${key}`) ?? []));
  return {
    declared: { requestMilli: declared("declaredCPURequest"), limitMilli: declared("declaredCPULimit") },
    enforced: {
      requestMilli: milli(status.appliedCPURequest, "status.appliedCPURequest"),
      limitMilli: milli(status.appliedCPULimit, "status.appliedCPULimit"),
    },
    desired: {
      requestMilli: milli(spec.desiredCPURequest, "spec.desiredCPURequest"),
      limitMilli: milli(spec.desiredCPULimit, "spec.desiredCPULimit"),
    },
    rationMilli: milli(status.rationCPU, "status.rationCPU"),
  };
}

/** How it stands, in one word; empty before anything was said of it. */
export function reasonOf({ status = {} }: PodAllocation): string {
  return status.reason ?? status.phase ?? "";
}

/** null: of none */
function sum(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}
