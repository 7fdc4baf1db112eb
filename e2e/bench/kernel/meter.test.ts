import { expect, it } from "vitest";

import { Meter } from "./meter.ts";

it("tells how many requests came, and how many of those done took at most so long", () => {
  const meter = new Meter();
  for (const seconds of [0.05, 0.25, 20]) {
    meter.came();
    meter.took(seconds);
  }
  meter.came();
  const lines = meter.text().split("\n");
  expect(lines).toContain("http_requests_total 4");
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.05"} 1');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.2"} 1');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="0.3"} 2');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="10"} 2');
  expect(lines).toContain('http_request_duration_seconds_bucket{le="+Inf"} 3');
  expect(lines).toContain("http_request_duration_seconds_count 3");
});
