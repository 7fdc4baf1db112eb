import { Backoff } from "@walras/kit/backoff";
import { VirtualClock } from "@walras/kit/clock";
import { expect, it } from "vitest";

import { ApiError, type Asking } from "./client.ts";
import { follow } from "./live.ts";

/** Streams that a test opens, writes to and breaks. */
class FakeApi implements Asking {
  readonly streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  refusal: ApiError | null = null;

  ask(): Promise<unknown> {
    return Promise.reject(new Error("only followed here"));
  }

  follow(_path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    if (this.refusal !== null) return Promise.reject(this.refusal);
    return Promise.resolve(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          this.streams.push(controller);
          signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
        },
      }),
    );
  }

  write(text: string): void {
    this.streams.at(-1)?.enqueue(new TextEncoder().encode(text));
  }
}

interface World {
  readonly api: FakeApi;
  readonly clock: VirtualClock;
  readonly told: string[];
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

function world(usable: (data: string) => boolean = () => true): World {
  const api = new FakeApi();
  const clock = new VirtualClock();
  const told: string[] = [];
  const stop = new AbortController();
  const listener = {
    event: ({ event, data }: { readonly event: string; readonly data: string }): boolean => {
      told.push(`${event} ${data}`);
      return usable(data);
    },
    heard: () => {},
    lost: ({ message }: ApiError, retryMs: number) => void told.push(`lost: ${message}, ${retryMs} ms`),
  };
  const backoff = new Backoff({ firstMs: 1_000, maxMs: 4_000 }, () => 1);
  return { api, clock, told, stop, ended: follow({ api, clock, backoff, listener }, stop.signal) };
}

/** What was written is read some turns later. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it("tells events, and comes back after a break, later each time", async () => {
  const { api, clock, told, stop, ended } = world();
  await settled();
  api.write("event: summary\ndata: 1\n\n");
  await settled();
  api.streams.at(-1)?.close();
  await settled();
  await clock.advance(1_000);
  await settled();
  api.streams.at(-1)?.error(new Error("reset"));
  await settled();
  await clock.advance(2_000);
  await settled();
  api.write("event: summary\ndata: 2\n\n");
  await settled();
  api.streams.at(-1)?.close();
  await settled();
  expect(told).toEqual([
    "summary 1",
    "lost: the controller ended the stream, 1000 ms",
    "lost: the stream broke off, 2000 ms",
    "summary 2",
    "lost: the controller ended the stream, 1000 ms",
  ]);
  stop.abort();
  await ended;
});

it("does not wait for a stream that gives no sign of life", async () => {
  const { api, clock, told, stop, ended } = world();
  await settled();
  await clock.advance(39_000);
  api.write(": alive\n\n");
  await settled();
  await clock.advance(39_000);
  await settled();
  expect(told).toEqual([]);
  await clock.advance(1_000);
  await settled();
  expect(told).toEqual(["lost: nothing was heard for 40 s, 1000 ms"]);
  stop.abort();
  await ended;
});

it("begins anew where an event does not follow", async () => {
  const { api, told, stop, ended } = world((data) => data !== "9");
  await settled();
  api.write("data: 9\n\n");
  await settled();
  expect(told).toEqual(["message 9", "lost: something was missed, 1000 ms"]);
  stop.abort();
  await ended;
});

it("tells a refusal, and ends when it is told to", async () => {
  const { api, clock, told, stop, ended } = world();
  api.refusal = new ApiError(403, "you may not");
  await settled();
  api.streams.at(-1)?.close();
  await settled();
  await clock.advance(1_000);
  await settled();
  expect(told.at(-1)).toBe("lost: you may not, 2000 ms");
  stop.abort();
  await ended;
});
