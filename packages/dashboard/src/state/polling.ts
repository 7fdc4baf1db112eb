import { ApiError } from "../api/client.ts";

/** What a view has of what it asks for. */
export type Asked<T> =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly data: T; readonly atMs: number; readonly trouble: string | null }
  | { readonly state: "failed"; readonly status: number; readonly why: string };

export const loading = { state: "loading" } as const;

export function asked<T>(data: T, atMs: number): Asked<T> {
  return { state: "ready", data, atMs, trouble: null };
}

/** What was known stays, with the trouble told beside it; but not of what is gone. */
export function failedAfter<T>(before: Asked<T>, error: unknown): Asked<T> {
  const status = error instanceof ApiError ? error.status : 0;
  const why = error instanceof Error ? error.message : String(error);
  if (before.state === "ready" && status !== 404) return { ...before, trouble: why };
  return { state: "failed", status, why };
}
