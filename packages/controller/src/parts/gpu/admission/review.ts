import { parseWith } from "@walras/kit";
import { z } from "zod";

import { clip } from "../../../base/bounds/clip.ts";
import { type Admission, type PodRequest } from "./decide/admit.ts";
import { podSchema } from "./decide/pod.ts";

const apiVersion = "admission.k8s.io/v1";
const kind = "AdmissionReview";

/** A name or a UID is never longer. */
const identifier = z.string().min(1).max(253);

const reviewSchema = z.object({
  apiVersion: z.literal(apiVersion),
  kind: z.literal(kind),
  request: z.object({
    uid: identifier,
    operation: z.string(),
    namespace: z.string().max(253).optional(),
    resource: z.object({ group: z.string(), version: z.string(), resource: z.string() }),
    subResource: z.string().optional(),
  }),
});

const podReviewSchema = z.object({ request: z.object({ object: podSchema }) });

/** A question of the API server. */
export interface Review {
  readonly uid: string;
  /** null: about anything but the creation of a pod, which somebody else has sent here. */
  readonly request: PodRequest | null;
}

/** @throws FieldError naming the field and its value */
export function readReview(body: unknown): Review {
  const { request } = parseWith(reviewSchema, body, "review");
  const { uid, operation, namespace = "", resource, subResource = "" } = request;
  const createsPod = operation === "CREATE" && resource.group === "" && resource.version === "v1";
  if (!createsPod || resource.resource !== "pods" || subResource !== "") return { uid, request: null };
  const { object } = parseWith(podReviewSchema, body, "review").request;
  return { uid, request: { namespace, pod: object } };
}

/** The answer, as the API server wants it. */
export function answerOf(uid: string, { refusal, patch, warnings }: Admission): object {
  const response = {
    uid,
    allowed: refusal === null,
    ...(refusal === null ? {} : { status: { code: 422, reason: "Invalid", message: clip(refusal, longestRefusal) } }),
    ...(patch.length === 0 ? {} : { patchType: "JSONPatch", patch: base64Of(patch) }),
    ...(warnings.length === 0 ? {} : { warnings: warnings.map((warning) => clip(warning)) }),
  };
  return { apiVersion, kind, response };
}

const longestRefusal = 1024;

function base64Of(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}
