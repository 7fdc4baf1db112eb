import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Dated, Held } from "./held.ts";
import { begun, promoted, rotation, type RotationStep, stepOf } from "./rotation.ts";

const dayMs = 86_400_000;

function named(name: string, untilMs: number): Dated {
  return { identity: { authority: name, certificate: name, key: name }, untilMs };
}

const held: Held = { current: named("one", 90 * dayMs), next: null, previousAuthority: null };
const staged: Held = { ...held, next: named("two", 150 * dayMs) };

describe("certificates", () => {
  it.each<[RotationStep, string, ...Parameters<typeof stepOf>]>([
    ["begin", "there is none", null, 0, 0],
    ["keep", "there is time", held, 59 * dayMs, 0],
    ["stage", "a month is left", held, 60 * dayMs, 0],
    ["keep", "the next one is not trusted for long enough", staged, 61 * dayMs, rotation.settleMs - 1],
    ["promote", "the next one is trusted everywhere", staged, 61 * dayMs, rotation.settleMs],
    ["promote", "there is no time left to wait", staged, 90 * dayMs - rotation.lastMs, 0],
    ["promote", "the clock was away past the end of the first", staged, 100 * dayMs, 0],
    ["begin", "the only one has ended", held, 90 * dayMs, 0],
    ["begin", "the next one has ended as well", staged, 150 * dayMs, rotation.settleMs],
  ])("%s where %s", (...[step, , ...state]) => {
    expect(stepOf(...state)).toBe(step);
  });

  it("are followed by the next, and the authority before is trusted on", () => {
    expect(promoted(staged)).toEqual({ current: staged.next, next: null, previousAuthority: "one" });
    expect(begun(named("three", 1), staged.next)).toMatchObject({ next: null, previousAuthority: "two" });
  });
});

function after(step: RotationStep, before: Held | null, fresh: () => Dated): Held {
  if (step === "begin" || !before) return begun(fresh(), before?.current ?? null);
  if (step === "stage") return { ...before, next: fresh() };
  return step === "promote" ? promoted(before) : before;
}

describe("whoever looks often enough, at whatever times", () => {
  it("serves a certificate that is valid, that peers were told to trust for long enough, and never goes back to an older one", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 20 * 24 * 60 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(gaps, (minutes) => {
        let nowMs = 0;
        let made = 0;
        const fresh = (): Dated => named(String((made += 1)), nowMs + rotation.lifetimeMs);
        let state: Held | null = null;
        let toldMs = 0;
        for (const gap of minutes) {
          const before: Held | null = state;
          const trustedMs = before?.next ? nowMs - toldMs : 0;
          const step = stepOf(before, nowMs, trustedMs);
          if (step === "stage") toldMs = nowMs;
          state = after(step, before, fresh);
          const { current, previousAuthority } = state;
          expect(current.untilMs).toBeGreaterThan(nowMs);
          if (step === "promote") {
            expect(trustedMs >= rotation.settleMs || (before?.current.untilMs ?? 0) - nowMs <= rotation.lastMs).toBe(
              true,
            );
            expect([current, previousAuthority]).toEqual([before?.next, before?.current.identity.authority]);
          }
          expect(Number(current.identity.certificate)).toBeGreaterThanOrEqual(
            Number(before?.current.identity.certificate ?? 0),
          );
          nowMs += gap * 60_000;
        }
      }),
    );
  });
});
