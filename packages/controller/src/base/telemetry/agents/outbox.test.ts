import { EventEmitter } from "node:events";

import { VirtualClock } from "@walras/kit";
import type { ControllerMessage } from "@walras/proto";
import { describe, expect, it } from "vitest";

import { agentLimits } from "../../bounds/agentLimits.ts";
import { Outbox } from "./outbox.ts";

/** A stream that takes two messages before its peer must read. */
class Narrow extends EventEmitter {
  readonly written: ControllerMessage[] = [];
  #room = 2;

  get writableNeedDrain(): boolean {
    return this.#room <= 0;
  }

  write(message: ControllerMessage): void {
    this.#room -= 1;
    this.written.push(message);
  }

  read(): void {
    this.#room = 2;
    this.emit("drain");
  }
}

const resync = (reason: string): ControllerMessage => ({ epoch: 1, message: { $case: "resync", value: { reason } } });
const settings: ControllerMessage = {
  epoch: 1,
  message: { $case: "settings", value: { intervalMillis: 1000, allocatableMilli: 1 } },
};

describe("what an agent is told", () => {
  it("waits while it is behind, the newest of each kind only", async () => {
    const clock = new VirtualClock();
    const stream = new Narrow();
    let unread = 0;
    const outbox = new Outbox(stream, clock, () => (unread += 1));
    for (let count = 0; count < 10_000; count += 1) outbox.send(resync(`${count}`));
    outbox.send(settings);
    expect([stream.written.length, outbox.size]).toEqual([2, 2]);
    stream.read();
    expect(stream.written).toEqual([resync("0"), resync("1"), resync("9999"), settings]);
    await clock.advance(agentLimits.unreadMs);
    expect(unread).toBe(0);
  });

  it("ends where it reads nothing at all", async () => {
    const clock = new VirtualClock();
    let unread = 0;
    const outbox = new Outbox(new Narrow(), clock, () => (unread += 1));
    for (let count = 0; count < 3; count += 1) outbox.send(settings);
    await clock.advance(agentLimits.unreadMs - 1);
    expect(unread).toBe(0);
    await clock.advance(1);
    expect(unread).toBe(1);
  });
});
