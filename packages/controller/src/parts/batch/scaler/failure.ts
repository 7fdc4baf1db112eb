import { status } from "@grpc/grpc-js";
import { describeError, InputError } from "@walras/kit";

import { clip } from "../../../base/bounds/clip.ts";
import { NotKnown } from "../decide/notKnown.ts";

/** A call's end as gRPC tells it. */
export interface Failure {
  readonly code: status;
  readonly details: string;
}

/** What KEDA is told of `error`; it shows the details on the object that asked. */
export function failureOf(error: unknown): Failure {
  const details = clip(describeError(error));
  if (error instanceof NotKnown) return { code: status.UNAVAILABLE, details };
  if (error instanceof InputError) return { code: status.INVALID_ARGUMENT, details };
  return { code: status.INTERNAL, details };
}
