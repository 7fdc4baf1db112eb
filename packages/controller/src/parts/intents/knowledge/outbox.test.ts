import { beforeEach, expect, it } from "vitest";

import { Outbox } from "./outbox.ts";

let lost: number;
let outbox: Outbox<number>;

beforeEach(() => {
  lost = 0;
  outbox = new Outbox({ most: 5, mostBytes: 100, onDropped: (count) => (lost += count) });
});

async function rest(): Promise<number[]> {
  let all: readonly number[] = [];
  await outbox.hand(100, (items) => {
    all = items;
    return Promise.resolve();
  });
  return [...all];
}

it("hands over in order, so many at a time", async () => {
  for (const item of [1, 2, 3]) outbox.push(item, 10);
  const handed: number[] = [];
  await outbox.hand(2, (items) => Promise.resolve(void handed.push(...items)));
  expect([handed, outbox.size, await rest(), outbox.size]).toEqual([[1, 2], 1, [3], 0]);
});

it("loses the oldest where there are too many, or too much", async () => {
  for (const item of [1, 2, 3, 4, 5, 6, 7]) outbox.push(item, 10);
  expect([lost, outbox.size]).toEqual([2, 5]);
  outbox.push(8, 75);
  // 75 and two of ten.
  expect([lost, await rest()]).toEqual([5, [6, 7, 8]]);
});

it("loses what is too much by itself", async () => {
  outbox.push(1, 10);
  outbox.push(2, 101);
  expect([lost, await rest()]).toEqual([2, []]);
});

it("keeps what could not be handed over, in its order, as far as there is room", async () => {
  for (const item of [1, 2, 3]) outbox.push(item, 10);
  const failed = outbox.hand(2, () => {
    for (const item of [4, 5, 6]) outbox.push(item, 10);
    return Promise.reject(new Error("away"));
  });
  await expect(failed).rejects.toThrow("away");
  expect([lost, await rest()]).toEqual([1, [2, 3, 4, 5, 6]]);
});
