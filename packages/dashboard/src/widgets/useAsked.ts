import { type ReadonlySignal, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { ApiError } from "../api/client.ts";
import type { Model } from "../state/model.ts";
import { type Asked, asked, failedAfter, loading } from "../state/polling.ts";

import { useModel } from "./context.ts";

interface Polled<T> {
  readonly path: string;
  readonly answer: Asked<T>;
}

/** What `GET /api/PATH` answers, asked anew while the page is to be seen. @param everyMs 0: once */
export function useAsked<T>(path: string, everyMs: number): ReadonlySignal<Asked<T>> {
  const model = useModel();
  const polled = useSignal<Polled<T>>({ path, answer: loading });
  useEffect(() => {
    const stop = new AbortController();
    polled.value = { path, answer: loading };
    const answered = (answer: Asked<T>): void => {
      polled.value = { path, answer };
    };
    void poll(model, { path, everyMs, read: () => polled.peek().answer, answered }, stop.signal);
    return () => stop.abort();
  }, [model, path, everyMs, polled]);
  // What another path answered is not shown for a frame.
  return useComputed(() => (polled.value.path === path ? polled.value.answer : loading));
}

interface Poll<T> {
  readonly path: string;
  readonly everyMs: number;
  readonly read: () => Asked<T>;
  readonly answered: (answer: Asked<T>) => void;
}

async function poll<T>(model: Model, asking: Poll<T>, signal: AbortSignal): Promise<void> {
  const { clock } = model.outside;
  if (document.visibilityState === "visible") await askOnce(model, asking, signal);
  if (signal.aborted || asking.everyMs === 0) return;
  const timer = clock.after(asking.everyMs, () => void poll(model, asking, signal));
  signal.addEventListener("abort", () => timer.cancel(), { once: true });
}

async function askOnce<T>(model: Model, { path, read, answered }: Poll<T>, signal: AbortSignal): Promise<void> {
  const { api, clock } = model.outside;
  try {
    const data = (await api.ask(path, signal)) as T;
    if (!signal.aborted) answered(asked(data, clock.wallMs()));
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError && error.status === 401)
      model.refused.value = { status: 401, message: error.message };
    answered(failedAfter(read(), error));
  }
}
