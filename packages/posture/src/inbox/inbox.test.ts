import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Inbox } from "./inbox.ts";
import { pictureOf } from "./testing/picture.ts";
import { piIdOf } from "./topic.ts";

const never = new AbortController().signal;

describe("the inbox", () => {
  it("gives pictures in the order they came, and loses the oldest when it is full", async () => {
    const inbox = new Inbox(2, new VirtualClock());
    for (const piId of ["a", "b", "c"]) inbox.put(pictureOf({ piId }));
    expect([await inbox.take(0, never), await inbox.take(0, never)].map((picture) => picture?.piId)).toEqual([
      "b",
      "c",
    ]);
    expect(inbox.dropped).toBe(1);
  });

  it("waits for a picture, and not longer than it is told", async () => {
    const clock = new VirtualClock();
    const inbox = new Inbox(2, clock);
    const coming = inbox.take(1000, never);
    await clock.advance(500);
    inbox.put(pictureOf({ piId: "late" }));
    expect((await coming)?.piId).toBe("late");
    const none = inbox.take(1000, never);
    await clock.advance(1000);
    expect(await none).toBeUndefined();
  });

  it("lets go when it is stopped, and keeps what came meanwhile", async () => {
    const stop = new AbortController();
    const inbox = new Inbox(2, new VirtualClock());
    const waiting = inbox.take(60_000, stop.signal);
    stop.abort();
    expect(await waiting).toBeUndefined();
    inbox.put(pictureOf({ piId: "after" }));
    expect(await inbox.take(0, stop.signal)).toBeUndefined();
    expect((await inbox.take(0, never))?.piId).toBe("after");
  });
});

describe("who sent a picture", () => {
  it.each([
    ["images/pi1", "images/#", "pi1"],
    ["images/ward/pi1", "images/#", "ward/pi1"],
    ["images/pi1/left", "images/+/left", "pi1/left"],
    ["images/pi1", "#", "images/pi1"],
    ["images/pi1", "images/pi1", "images/pi1"],
    ["images", "images/#", "images"],
  ])("%s under %s is %s", (topic, subscription, piId) => {
    expect(piIdOf(topic, subscription)).toBe(piId);
  });
});
