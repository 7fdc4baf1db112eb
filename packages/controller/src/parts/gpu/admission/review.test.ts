import { describe, expect, it } from "vitest";

import { untouched } from "./decide/admit.ts";
import { answerOf, readReview } from "./review.ts";
import { reviewOf } from "./testing/review.ts";

describe("a question of the API server", () => {
  it("is about a pod that is to be created, whatever else the pod has", () => {
    const { uid, request } = readReview(reviewOf({ spec: { schedulerName: "gpu-scheduler", volumes: [] } }));
    expect([uid, request?.namespace, request?.pod.spec.schedulerName]).toEqual(["u-1", "shop", "gpu-scheduler"]);
  });

  it.each([
    [{ operation: "UPDATE" }],
    [{ operation: "CREATE", subResource: "binding" }],
    [{ resource: { group: "apps", version: "v1", resource: "pods" } }],
    [{ resource: { group: "", version: "v1", resource: "services" }, object: { kind: "Service" } }],
  ])("about anything else is let through: %j", (request) => {
    expect(readReview(reviewOf({}, request))).toEqual({ uid: "u-1", request: null });
  });

  it.each([
    [null, "review: null is not valid"],
    [[], "review: [] is not valid"],
    [{ ...reviewOf(), apiVersion: "admission.k8s.io/v1beta1" }, 'review.apiVersion: "admission.k8s.io/v1beta1" is not'],
    [{ ...reviewOf(), kind: "Pod" }, 'review.kind: "Pod" is not valid'],
    [reviewOf({}, { uid: "" }), 'review.request.uid: "" is not valid'],
    [reviewOf({}, { uid: "u".repeat(1_000) }), "review.request.uid: "],
    [reviewOf({}, { object: null }), "review.request.object: null is not valid"],
    [
      reviewOf({ spec: { containers: Array.from({ length: 1_001 }, () => ({ name: "c" })) } }),
      "review.request.object.spec.containers: [",
    ],
    [reviewOf({ spec: { containers: [{ name: 3 }] } }), "review.request.object.spec.containers.0.name: 3 is not valid"],
    [
      reviewOf({ metadata: { annotations: { "gpu.walras.io/milli": 500 } } }),
      "review.request.object.metadata.annotations.gpu.walras.io/milli: 500 is not valid",
    ],
  ])("that is malformed is refused with the field and the value: %j", (body, complaint) => {
    expect(() => readReview(body)).toThrow(complaint);
  });
});

describe("an answer", () => {
  const responseOf = (...args: Parameters<typeof answerOf>): unknown =>
    (answerOf(...args) as { readonly response: unknown }).response;

  it("names the question, and allows what is left alone", () => {
    expect(answerOf("u-1", untouched)).toEqual({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: { uid: "u-1", allowed: true },
    });
  });

  it("holds the patch as the API server reads it", () => {
    const patch = [{ op: "add", path: "/spec/containers/0/env", value: [] }] as const;
    const encoded = Buffer.from(JSON.stringify(patch)).toString("base64");
    expect(responseOf("u-1", { ...untouched, patch })).toEqual({
      uid: "u-1",
      allowed: true,
      patchType: "JSONPatch",
      patch: encoded,
    });
  });

  it("says why not, and is no longer than anybody reads", () => {
    const refusal = "x".repeat(100_000);
    const warnings = ["y".repeat(100_000)];
    const response = responseOf("u-1", { refusal, patch: [], warnings });
    expect(response).toMatchObject({ allowed: false, status: { code: 422, reason: "Invalid" } });
    expect(JSON.stringify(response).length).toBeLessThan(2_048);
  });
});
