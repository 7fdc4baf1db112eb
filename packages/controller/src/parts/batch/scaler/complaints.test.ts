import { status } from "@grpc/grpc-js";
import type { Logger } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Complaints } from "./complaints.ts";

describe("complaints of a trigger", () => {
  it("are told when they begin, change and end, not at each poll", () => {
    const told: string[] = [];
    const tell = (level: string) => (fields: { name: string; error?: string }) => {
      told.push(`${level} ${fields.name} ${fields.error ?? "fine"}`);
    };
    const complaints = new Complaints({ warn: tell("warn"), info: tell("info") } as unknown as Logger);
    const hear = (name: string, details: string | null): void =>
      complaints.hear(
        "GetMetrics",
        { namespace: "n", name },
        details === null ? null : { code: status.UNAVAILABLE, details },
      );
    hear("a", null);
    hear("a", "stale");
    hear("a", "stale");
    hear("b", "stale");
    hear("a", "gone");
    hear("a", null);
    hear("a", null);
    expect(told).toEqual([
      "warn a UNAVAILABLE: stale",
      "warn b UNAVAILABLE: stale",
      "warn a UNAVAILABLE: gone",
      "info a fine",
    ]);
  });
});
