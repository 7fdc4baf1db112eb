import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { KnowledgeBase } from "../../loop/ports.ts";
import { aPlanEvent, anEffect } from "./events.ts";

/** What every knowledge base does. */
export function knowledgeContract(
  name: string,
  open: () => Promise<{ readonly base: KnowledgeBase; readonly close: () => Promise<unknown> }>,
): void {
  describe(`the knowledge base ${name}`, () => {
    let base: KnowledgeBase;
    let close: () => Promise<unknown>;

    beforeEach(async () => ({ base, close } = await open()));
    afterEach(() => close());

    it("gives back events as they were, those of one intent, the newest, oldest first", async () => {
      const startMs = Date.UTC(2026, 0, 1);
      for (const step of [0, 1, 2, 3]) await base.record(aPlanEvent({ timestampMs: startMs + step }));
      await base.record(aPlanEvent({ name: "default/other", plan: null, annotations: {}, data: {} }));
      expect(await base.events("default/my-intent", 3)).toEqual(
        [1, 2, 3].map((step) => aPlanEvent({ timestampMs: startMs + step })),
      );
      expect(await base.events("default/other", 10)).toEqual([
        aPlanEvent({ name: "default/other", plan: null, annotations: {}, data: {} }),
      ]);
      expect(await base.events("default/unknown", 10)).toEqual([]);
    });

    it("gives back effects in the order of writing, those of one intent", async () => {
      const written = [
        anEffect({ static: true }),
        anEffect({ data: { popt: [1, 2, 3] } }),
        anEffect({ group: "scaling", data: { popt: [1, 2, 1, 0], throughputScale: [0, 1], replicaRange: [1, 4] } }),
      ];
      for (const effect of written) await base.learn(effect);
      await base.learn(anEffect({ name: "default/other" }));
      expect(await base.effects("default/my-intent")).toEqual(written);
    });

    it("takes several sets of parameters as one where there is one", async () => {
      await base.learn(anEffect({ data: { popt: [[100, 0.2, 50]] } }));
      const [effect] = await base.effects("default/my-intent");
      expect([effect?.data["popt"]].flat(2)).toEqual([100, 0.2, 50]);
    });

    it("takes ten thousand events, all at once or one after another, and keeps what it may", async () => {
      const kept = { lost: 0 };
      const record = (index: number): Promise<void> =>
        base
          .record(aPlanEvent({ name: `default/i${index % 100}`, timestampMs: Date.UTC(2026, 0, 1) + index }))
          .catch(() => {
            kept.lost += 1;
          });
      for (let from = 0; from < 10_000; from += 500)
        await Promise.all(Array.from({ length: 500 }, (_, index) => record(from + index)));
      const events = await base.events("default/i42", 1_000);
      expect([kept.lost, events.length]).toEqual([0, 100]);
      expect(events.at(-1)?.timestampMs).toBe(Date.UTC(2026, 0, 1) + 9_942);
    });
  });
}
