import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { type Answer, SharedAnswers, TooManyQuestions } from "./sharedAnswers.ts";

const limits = { inFlight: 2, waiting: 3, remembered: 2, deadlineMs: 1_000 };

/** Somebody who answers when the test says so. */
class Slow {
  readonly open: PromiseWithResolvers<Answer<string>>[] = [];
  asked = 0;

  readonly ask = (): Promise<Answer<string>> => {
    this.asked += 1;
    const question = Promise.withResolvers<Answer<string>>();
    this.open.push(question);
    return question.promise;
  };

  async answer(value: string, forMs = 60_000): Promise<void> {
    this.open.shift()?.resolve({ value, forMs });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("answers that are had from elsewhere", () => {
  it("are asked for by few at a time, wait in a line with an end, and are refused beyond it", async () => {
    const slow = new Slow();
    const answers = new SharedAnswers<string>(limits, new VirtualClock());
    const asking = ["a", "b", "c", "d", "e"].map((key) => answers.get(key, slow.ask));
    await expect(answers.get("f", slow.ask)).rejects.toBeInstanceOf(TooManyQuestions);
    for (let turn = 0; turn < 5; turn += 1) {
      expect(slow.open.length).toBeLessThanOrEqual(limits.inFlight);
      await slow.answer(`${turn}`);
    }
    expect(await Promise.all(asking)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("are shared by those who ask the same, and remembered for as long as they hold", async () => {
    const slow = new Slow();
    const clock = new VirtualClock();
    const answers = new SharedAnswers<string>(limits, clock);
    const both = [answers.get("a", slow.ask), answers.get("a", slow.ask)];
    await clock.advance(0);
    await slow.answer("one", 500);
    expect(await Promise.all(both)).toEqual(["one", "one"]);
    expect([await answers.get("a", slow.ask), slow.asked]).toEqual(["one", 1]);
    await clock.advance(500);
    const again = answers.get("a", slow.ask);
    await clock.advance(0);
    await slow.answer("two");
    expect([await again, slow.asked]).toEqual(["two", 2]);
  });

  it("that failed or never came are not remembered, and leave their turn to others", async () => {
    const slow = new Slow();
    const clock = new VirtualClock();
    const answers = new SharedAnswers<string>(limits, clock);
    await expect(answers.get("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    const hanging = [answers.get("a", slow.ask), answers.get("b", slow.ask), answers.get("c", slow.ask)];
    const ends = Promise.allSettled(hanging);
    await clock.advance(0);
    await clock.advance(2 * limits.deadlineMs);
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    const later = answers.get("a", () => Promise.resolve({ value: "back", forMs: 1 }));
    expect(await later).toBe("back");
  });

  it("are forgotten, oldest first, where there are too many", async () => {
    const answers = new SharedAnswers<string>(limits, new VirtualClock());
    const at = (value: string) => (): Promise<Answer<string>> => Promise.resolve({ value, forMs: 60_000 });
    for (const key of ["a", "b", "c"]) await answers.get(key, at(key));
    expect(await answers.get("b", at("again"))).toBe("b");
    expect(await answers.get("a", at("again"))).toBe("again");
  });
});
