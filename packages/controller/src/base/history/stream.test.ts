import { EventEmitter } from "node:events";

import { VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import type { HistoryQuery } from "./history.ts";
import { readHistoryQuery } from "./http.ts";
import { MemoryHistory } from "./memory.ts";
import { HistoryStream, type StreamConnection } from "./stream.ts";
import { aDecision } from "./testing/decisions.ts";

/** A peer that takes what it is sent, or leaves it. */
class FakeConnection extends EventEmitter implements StreamConnection {
  readonly sent: string[] = [];
  reads = true;
  writableLength = 0;
  destroyed = false;

  write(text: string): void {
    this.sent.push(text);
    if (!this.reads) this.writableLength += text.length;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }

  get ids(): string[] {
    return this.sent.flatMap((text) => /^id: (\d+)/.exec(text)?.[1] ?? []);
  }

  get pods(): string[] {
    return this.sent.flatMap((text) => /"name":"([^"]+)"/.exec(text)?.[1] ?? []);
  }
}

let clock: VirtualClock;
let history: MemoryHistory;

beforeEach(() => {
  clock = new VirtualClock();
  history = new MemoryHistory(1e7, clock);
});

async function stream(query: Partial<HistoryQuery> = {}): Promise<FakeConnection> {
  const connection = new FakeConnection();
  await new HistoryStream(history, { limit: 100, ...query }, connection, clock).start();
  return connection;
}

describe("a stream of the history", () => {
  it("begins with what is past and goes on with what comes, each once", async () => {
    history.append(aDecision({ pod: "a" }));
    const connection = new FakeConnection();
    const started = new HistoryStream(history, { limit: 100 }, connection, clock).start();
    history.append(aDecision({ pod: "b" }));
    await started;
    history.append(aDecision({ pod: "c" }));
    expect(connection.pods).toEqual(["a", "b", "c"]);
  });

  it("goes on after the last that its peer has seen, losing and repeating nothing", async () => {
    for (let index = 0; index < 1_200; index += 1) history.append(aDecision({ pod: `p${index}` }));
    const first = await stream();
    const seen = first.ids[10];
    first.destroy();
    history.append(aDecision({ pod: "late" }));
    const second = await stream(readHistoryQuery({}, seen));
    history.append(aDecision({ pod: "later" }));
    const expected = Array.from({ length: 1_200 - 1_111 }, (_, index) => `p${1_111 + index}`);
    expect(second.pods).toEqual([...expected, "late", "later"]);
  });

  it("tells only what is asked for", async () => {
    const connection = await stream({ part: "carla" });
    history.append(aDecision({ pod: "a" }));
    history.append(aDecision({ pod: "b", part: "carla" }));
    expect(connection.pods).toEqual(["b"]);
  });

  it("drops a peer that does not read, and forgets it", async () => {
    const connection = await stream();
    connection.reads = false;
    for (let index = 0; index < 10_000; index += 1) history.append(aDecision({ pod: `p${index}` }));
    expect([connection.destroyed, connection.writableLength < 300_000]).toEqual([true, true]);
    const sent = connection.sent.length;
    history.append(aDecision());
    await clock.advance(60_000);
    expect(connection.sent).toHaveLength(sent);
  });

  it("says now and then that it is still there", async () => {
    const connection = await stream();
    await clock.advance(31_000);
    expect(connection.sent).toEqual([": still here\n\n", ": still here\n\n"]);
  });
});

describe("a question about the history", () => {
  it("may name times in either form", () => {
    expect(readHistoryQuery({ since: "1970-01-01T00:00:01Z", until: "2000" })).toMatchObject({
      sinceMs: 1_000,
      untilMs: 2_000,
      limit: 100,
    });
  });

  it.each([
    [{ since: "yesterday" }, /^query\.since: "yesterday" is not valid/],
    [{ limit: "0" }, /^query\.limit: "0" is not valid/],
    [{ limit: "5000" }, /^query\.limit: "5000" is not valid/],
    [{ colour: "red" }, /^query: .* is not valid/],
    [{ name: "x".repeat(300) }, /^query\.name: /],
  ])("that is wrong is told so: %j", (parameters, complaint) => {
    expect(() => readHistoryQuery(parameters)).toThrow(complaint);
  });

  it("goes on after an id only", () => {
    expect(() => readHistoryQuery({}, "abc")).toThrow('Last-Event-ID: "abc" is no id');
    expect(readHistoryQuery({ after: "3" }, "7").after).toBe(7);
  });
});
