import { declaredAnnotation, readDeclared, type SizedContainer } from "@walras/api";
import { errorAt, FieldError, formatCpu } from "@walras/kit";

import type { ContainerState, PodState } from "../../../base/cluster/pod.ts";

/** How pods are sized before they are there. */
export interface CreationTerms {
  /** Whether admission sizes them, and so is believed. */
  readonly sizeNewPods: boolean;
  /** No request is below what was declared over this. */
  readonly overbook: number;
}

/** What containers declared as request whose pod was sized at its creation. */
export interface BeforeSizing {
  readonly requests: ReadonlyMap<string, number>;
  /** Why what the pod says of it is ignored; null: it is not, or there is nothing. */
  readonly complaint: string | null;
}

const notSized: BeforeSizing = { requests: new Map(), complaint: null };

/**
 * Read from what admission has left on the pod. It is believed no further than
 * admission could have gone: a request of at least what was declared over the
 * bound, declared within its limit, and written by nobody else. Whose request
 * has changed since was given another by somebody, and declares that.
 */
export function beforeSizing(pod: PodState, { sizeNewPods, overbook }: CreationTerms): BeforeSizing {
  const text = pod.annotations[declaredAnnotation];
  if (text === undefined || !sizeNewPods) return notSized;
  try {
    if (pod.declaresItself) throw errorAt(declaredAnnotation, text, "was not set by admission");
    const sized = [...readDeclared(text)].map(([name, one]) => {
      const container = pod.containers.find((known) => known.name === name);
      if (!container) throw errorAt(declaredAnnotation, text, `names container ${name}, which there is not`);
      return { name, one, isUntouched: container.desired.requestMilli === one.sizedMilli, container };
    });
    const untouched = sized.filter(({ isUntouched }) => isUntouched);
    for (const { one, container } of untouched) check(one, container, { text, overbook });
    return { requests: new Map(untouched.map(({ name, one }) => [name, one.declaredMilli])), complaint: null };
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    return { requests: notSized.requests, complaint: error.message };
  }
}

/** @throws FieldError for what admission would not have done */
function check(
  { declaredMilli, sizedMilli }: SizedContainer,
  { name, desired }: ContainerState,
  { text, overbook }: { readonly text: string; readonly overbook: number },
): void {
  const problem = (bound: string): FieldError =>
    errorAt(declaredAnnotation, text, `says of container ${name} ${bound}`);
  if (declaredMilli < sizedMilli) throw problem("that it was given more than it declared");
  if (declaredMilli > (desired.limitMilli ?? Infinity))
    throw problem(`more than its limit ${formatCpu(desired.limitMilli ?? 0)}`);
  if (declaredMilli > sizedMilli * overbook) throw problem(`more than ${overbook} times what it was given`);
}
