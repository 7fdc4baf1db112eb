import { expect, it } from "vitest";

import { ApiError } from "../api/client.ts";

import { asked, failedAfter, loading } from "./polling.ts";

it("what was known stays when it is not refreshed", () => {
  expect(failedAfter(asked("it", 5), new ApiError(503, "too many"))).toEqual({
    state: "ready",
    data: "it",
    atMs: 5,
    trouble: "too many",
  });
});

it("what is gone does not stay", () => {
  expect(failedAfter(asked("it", 5), new ApiError(404, "there is no it"))).toEqual({
    state: "failed",
    status: 404,
    why: "there is no it",
  });
});

it("what never came says why", () => {
  expect(failedAfter(loading, new Error("broken"))).toEqual({ state: "failed", status: 0, why: "broken" });
});
