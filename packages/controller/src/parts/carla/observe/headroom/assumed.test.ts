import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { readTexts } from "../../config/testing/readTexts.ts";
import { headroomOf } from "../../decide/headroom.ts";
import { usageSources } from "./sources.ts";

describe("R10: usage that is assumed", () => {
  it("is the prototype's, and nobody is asked", async () => {
    const { policy, warnings } = readTexts('headroom: assume\ntelemetry: {prometheus_url: "http://127.0.0.1:1"}');
    const { telemetry } = policy;
    expect(warnings).toEqual([expect.stringContaining('headroom: "assume" measures nothing')]);
    const sources = usageSources({ agents: undefined, transport: undefined, telemetry, clock: new VirtualClock() });
    expect(sources.map(({ name }) => name)).toEqual(["assumption"]);
    const usage = await sources[0]!.read(new AbortController().signal);
    expect(headroomOf(usage, policy)).toBeCloseTo(0.286, 3);
  });
});
