import type { Clock } from "@walras/kit";

import { admit, type Admission, type AdmissionPolicy, untouched } from "./decide/admit.ts";
import type { AdmissionMetrics } from "./metrics.ts";
import { answerOf, readReview } from "./review.ts";

/** Answers questions of the API server, and counts them. @throws FieldError for what is no question, as the answer does */
export function answers(
  policy: AdmissionPolicy,
  { reviews, seconds }: Pick<AdmissionMetrics, "reviews" | "seconds">,
  clock: Clock,
): (body: unknown) => object {
  return (body) => {
    const startedMs = clock.monotonicMs();
    const { uid, request } = readReview(body);
    const admission = request ? admit(request, policy) : untouched;
    const answer = answerOf(uid, admission);
    reviews.inc({ outcome: outcomeOf(admission) });
    seconds.observe((clock.monotonicMs() - startedMs) / 1000);
    return answer;
  };
}

function outcomeOf({ refusal, patch }: Admission): string {
  if (refusal !== null) return "refused";
  return patch.length > 0 ? "patched" : "untouched";
}
