import type { KubeObject } from "../objects/model.ts";
import { admitLimits, defaultLimits } from "./limitRange.ts";
import { admitQuota } from "./quota.ts";
import { admitResize } from "./resize.ts";
import type { AdmissionHook, AdmissionReview } from "./review.ts";

/** The plugins that may change an object, before it is validated. */
export const mutatingPlugins: readonly AdmissionHook[] = [defaultLimits];

/** The plugins that only refuse; the quota is asked last, as in the real server. */
export const validatingPlugins: readonly AdmissionHook[] = [admitLimits, admitResize, admitQuota];

/** Asks every hook in order; each sees what the one before made of the object. */
export function admit(hooks: readonly AdmissionHook[], review: AdmissionReview): KubeObject {
  return hooks.reduce((object, hook) => hook({ ...review, object }) ?? object, review.object);
}
