import fc from "fast-check";
import { expect, it } from "vitest";

import { EventReader, type ServerEvent } from "./sse.ts";

const read = (...pieces: readonly string[]): readonly ServerEvent[] => {
  const reader = new EventReader();
  return pieces.flatMap((piece) => reader.read(piece));
};

it("an event has a name, an id and lines of data", () => {
  expect(read('id: 7\nevent: decision\ndata: {"a":\ndata: 1}\n\n')).toEqual([
    { event: "decision", data: '{"a":\n1}', id: "7" },
  ]);
});

it("one without a name is a message; one without data, and a comment, are none", () => {
  expect(read(": still here\n\nevent: nothing\n\ndata:no space\n\n")).toEqual([
    { event: "message", data: "no space", id: null },
  ]);
});

it("lines end as they like", () => {
  expect(read("data: a\r\n\r\ndata: b\r\rdata: c\n\n").map(({ data }) => data)).toEqual(["a", "b", "c"]);
});

it("wherever a stream is cut, its events are the same", () => {
  const text = "event: summary\r\ndata: {}\r\n\r\n: alive\n\nid: 2\ndata: x\ndata\n\n";
  const whole = read(text);
  expect(whole).toHaveLength(2);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((until, at) => text.slice(places[at], until));
      expect(read(...pieces)).toEqual(whole);
    }),
  );
});
