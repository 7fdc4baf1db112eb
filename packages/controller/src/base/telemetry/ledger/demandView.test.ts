import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { demandView, demandViewSchema } from "./demandView.ts";
import { Ledger } from "./ledger.ts";

const reading = {
  podUid: "p",
  containerId: "c",
  atMs: 0,
  usageMilli: 120,
  throttledRatio: 0.5,
  throttledMilli: 40,
  pressureRatio: null,
  quotaMilli: 150,
  stream: { lastMs: 1_000, beforeMs: 0 },
};

describe("/demand", () => {
  it("tells of each container what its agent last said, and how old that is", async () => {
    const clock = new VirtualClock();
    await clock.advance(2_500);
    const ledger = new Ledger();
    const news = { gone: [], node: null, gpus: null, rejections: [], resync: false };
    ledger.apply("n2", { ...news, containers: [reading] });
    ledger.apply("n1", { ...news, containers: [{ ...reading, containerId: "d" }] });
    ledger.apply("n1", { ...news, containers: [], gone: ["d"] });
    expect(demandViewSchema.parse(demandView(ledger, clock))).toEqual({
      nodes: [
        { node: "n1", containers: [] },
        {
          node: "n2",
          containers: [{ podUid: "p", containerId: "c", usageMilli: 120, throttledMilli: 40, ageMs: 1_500 }],
        },
      ],
    });
  });
});
