import { describe, expect, it } from "vitest";

import { classifyFailure, remember } from "./refusal.ts";

describe("a refused resize", () => {
  const call = (
    status: number,
    message: string,
    causes: { reason?: string; field?: string }[] = [],
    reason = "",
  ): ReturnType<typeof classifyFailure> => classifyFailure({ status, message, causes, reason });

  it("is told by its cause", () => {
    expect(call(403, "", [{ reason: "NodeCapacity" }])).toMatchObject({ kind: "refused", reason: "NodeCapacity" });
    expect(call(403, "", [{ reason: "UnsupportedPlatform" }])).toMatchObject({ reason: "UnsupportedPlatform" });
    expect(call(403, "exceeded quota: compute, requested: …")).toMatchObject({ reason: "QuotaExceeded" });
    expect(call(403, "maximum cpu usage per Container is 500m, but limit is 1")).toMatchObject({
      reason: "LimitRange",
    });
    expect(call(422, "Pod QOS Class may not change", [], "Invalid")).toMatchObject({
      kind: "refused",
      reason: "Invalid",
    });
  });

  it("of a pod that is gone or was replaced is nothing to remember", () => {
    expect(call(404, "not found").kind).toBe("gone");
    expect(call(422, "Invalid value", [{ field: "metadata.uid" }], "Invalid").kind).toBe("gone");
  });

  it("for want of an answer is tried again", () => {
    for (const status of [0, 409, 429, 500, 503]) expect(call(status, "").kind).toBe("retry");
  });

  it("pauses raises for longer each time", () => {
    const first = remember(null, "QuotaExceeded", "", 0);
    const second = remember(first, "QuotaExceeded", "", 0);
    expect([first.untilMs, second.untilMs]).toEqual([30_000, 60_000]);
    expect(remember(second, "LimitRange", "", 0).untilMs).toBe(30_000);
  });

  it("that has long been over begins with the first pause again", () => {
    const first = remember(null, "QuotaExceeded", "", 0);
    expect(remember(first, "QuotaExceeded", "", 700_000).attempts).toBe(1);
  });
});
