import { type MetricFactory, stepBuckets } from "../../../base/ops/registry.ts";

/** What the webhook counts. */
export type AdmissionMetrics = ReturnType<typeof admissionMetrics>;

export function admissionMetrics({ counter, gauge, histogram }: MetricFactory) {
  return {
    reviews: counter("walras_gpu_admission_reviews_total", "Pods that the API server asked about", ["outcome"]),
    seconds: histogram({
      name: "walras_gpu_admission_review_seconds",
      help: "Time of an answer, from the whole question on",
      buckets: stepBuckets,
    }),
    turned: counter("walras_gpu_admission_turned_away_total", "Requests of the webhook's port that are no question", [
      "status",
    ]),
    certificateUntil: gauge(
      "walras_gpu_admission_certificate_expiry_seconds",
      "End of the webhook's certificate, in Unix time; 0: there is none",
    ),
  };
}
