/** The label, on a pod or its namespace, that puts pods on the market. */
export const managedLabel = "mbcas.io/managed";

/** The annotation on a namespace that says that its pods are meant to leave the market. */
export const optOutAnnotation = "mbcas.io/opt-out";

/** Annotations on a pod. */
export const annotations = {
  /** Bargaining power, a number > 0; 1 unless told. */
  weight: "mbcas.io/weight",
  /** The least CPU the pod is given, a quantity. */
  minCpu: "mbcas.io/min-cpu",
  /** The most CPU the pod is given, a quantity. */
  maxCpu: "mbcas.io/max-cpu",
  /** off, recommend, requests or full; the controller's mode unless told. Never more than that. */
  mode: "mbcas.io/mode",
  /** ample or tight; the controller's setting unless told. */
  limits: "mbcas.io/limits",
} as const;

/**
 * What containers of a pod had declared that were sized at its creation, and what they were given:
 * "app=200m/80m,proxy=50m/20m". The admission policy sets it, and nobody else.
 */
export const declaredAnnotation = "mbcas.io/declared";

/** The owner of fields written by server-side apply, and the reporter of events. */
export const fieldManager = "walras";
