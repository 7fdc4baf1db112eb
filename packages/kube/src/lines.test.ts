import fc from "fast-check";
import { expect, test } from "vitest";

import { linesOf } from "./lines.ts";

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", "").replace(/^\uFEFF/, ""));

test("lines survive any cut of the bytes, in the middle of a character too", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 7 }), async (lines, size) => {
      const bytes = new TextEncoder().encode(lines.map((one) => `${one}\n`).join(""));
      expect(await collect(linesOf(chunksOf(bytes, size)))).toEqual(lines);
    }),
  );
});

test("the last line needs no newline", async () => {
  expect(await collect(linesOf(chunksOf(new TextEncoder().encode("one\ntwo"), 3)))).toEqual(["one", "two"]);
});

test("leaving early ends the bytes", async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new TextEncoder().encode("a\n");
    } finally {
      ended = true;
    }
  }
  for await (const _line of linesOf(endless())) break;
  expect(ended).toBe(true);
});
