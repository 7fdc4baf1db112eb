import type { Backoff } from "@walras/kit/backoff";
import { type Clock, sleep } from "@walras/kit/clock";

import { ApiError, type Asking } from "./client.ts";
import { EventReader, type ServerEvent } from "./sse.ts";

/** Told by {@link follow}. */
export interface Listener {
  /** @returns false where it cannot be used: the stream is begun anew, from the whole */
  event(event: ServerEvent): boolean;
  /** Something came, if only a sign of life. */
  heard(): void;
  lost(error: ApiError, retryMs: number): void;
}

interface Following {
  readonly api: Asking;
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly listener: Listener;
}

/** The server gives a sign of life each 15 s. */
const silenceMs = 40_000;

/** Follows `events` until it is told to stop; after a break it comes back, at growing intervals. */
export async function follow(following: Following, signal: AbortSignal): Promise<void> {
  const { clock, backoff, listener } = following;
  while (!signal.aborted) {
    const error = await once(following, signal);
    if (signal.aborted) return;
    const retryMs = backoff.nextMs();
    listener.lost(error, retryMs);
    await sleep(clock, retryMs, signal);
  }
}

/** One stream, to its end. @returns why it ended */
async function once({ api, clock, backoff, listener }: Following, signal: AbortSignal): Promise<ApiError> {
  const silence = new AbortController();
  const either = AbortSignal.any([signal, silence.signal]);
  let timer = clock.after(silenceMs, () => silence.abort());
  try {
    const reader = new EventReader();
    const stream = await api.follow("events", either);
    for await (const piece of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      timer.cancel();
      timer = clock.after(silenceMs, () => silence.abort());
      backoff.reset();
      listener.heard();
      if (!reader.read(piece).every((event) => listener.event(event))) return new ApiError(0, "something was missed");
    }
    return new ApiError(0, "the controller ended the stream");
  } catch (error) {
    if (silence.signal.aborted) return new ApiError(0, `nothing was heard for ${silenceMs / 1000} s`, error);
    return error instanceof ApiError ? error : new ApiError(0, "the stream broke off", error);
  } finally {
    timer.cancel();
    silence.abort();
  }
}
