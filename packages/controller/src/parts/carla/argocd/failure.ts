import { ArgoError, type ArgoFailure } from "./port.ts";

/** Argo CD tells most refusals apart only by their words, whose capitals differ between versions. */
const byMessage: readonly (readonly [number, RegExp, ArgoFailure])[] = [
  [400, /another operation is already in progress/i, "operationInProgress"],
  [400, /unable to terminate operation/i, "noOperation"],
  [403, /blocked by sync window/i, "blockedBySyncWindow"],
];

const byStatus: Readonly<Record<number, ArgoFailure>> = { 401: "unauthorized", 403: "forbidden", 404: "notFound" };

/** An answer that is not 2xx as an error. */
export function failureOf(status: number, body: string): ArgoError {
  const message = messageOf(body) || `HTTP ${status}`;
  const known = byMessage.find(([of, pattern]) => of === status && pattern.test(message));
  const failure = known?.[2] ?? byStatus[status] ?? (status >= 500 || status === 429 ? "unreachable" : "rejected");
  return new ArgoError(failure, `Argo CD: ${message}`, { status });
}

/** No answer: nobody knows whether what was asked has been done. */
export function unreachable(cause: unknown): ArgoError {
  return new ArgoError("unreachable", "Argo CD does not answer", { status: 0, cause });
}

const longestMessage = 300;

function messageOf(body: string): string {
  try {
    const { message, error } = JSON.parse(body) as { readonly message?: unknown; readonly error?: unknown };
    const words = [message, error].find((one) => typeof one === "string") ?? "";
    return words.slice(0, longestMessage);
  } catch {
    return body.trim().slice(0, longestMessage);
  }
}
