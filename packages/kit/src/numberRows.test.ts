import { expect, it } from "vitest";

import { NumberRows } from "./numberRows.ts";

it("keeps each row's numbers apart, however many there are", () => {
  const rows = new NumberRows(3);
  const taken = Array.from({ length: 1000 }, () => rows.take());
  taken.forEach((at, index) => rows.numbers.set([index, -index, 0.5], at));
  expect(taken.map((at) => [...rows.numbers.subarray(at, at + 3)])).toEqual(
    taken.map((_, index) => [index, -index, 0.5]),
  );
});

it("gives a row that nobody reads any more to the next, with nothing in it", () => {
  const rows = new NumberRows(2);
  const [first, second] = [rows.take(), rows.take()];
  rows.numbers.fill(7);
  rows.give(first);
  expect(rows.take()).toBe(first);
  expect([...rows.numbers.subarray(first, first + 2)]).toEqual([0, 0]);
  expect([...rows.numbers.subarray(second, second + 2)]).toEqual([7, 7]);
});
