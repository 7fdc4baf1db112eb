import { expect, it } from "vitest";

import { filterOf } from "./filter.ts";

const row = { text: "Worker-A-01", words: { state: "unknown" }, numbers: { price: 2.5, used: null } };

it.each([
  ["", true],
  ["worker", true],
  ["WORKER a-01", true],
  ["worker b-", false],
  ["!b-", true],
  ["!worker", false],
  ["!", false],
  ["state:unk", true],
  ["state:congested", false],
  ["price>2", true],
  ["price>=2.5 price<=2.5 price=2.5", true],
  ["price<2.5", false],
  ["price>much", false],
  ["used>0", false],
  ["used<1", false],
  ["!used>0", true],
  ["shape:round", false],
])("%s", (text, meets) => {
  expect(filterOf(text)(row)).toBe(meets);
});
