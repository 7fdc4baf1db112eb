import fc from "fast-check";
import { expect, test } from "vitest";

import { Lanes } from "./writeLanes.ts";

const anyStep = fc.record({
  kind: fc.constantFrom("set", "set", "delete", "evict"),
  priority: fc.nat(2),
  key: fc.nat(12).map(String),
});

test("the first and the last are those of a plain list, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 400 }), (steps) => {
      const lanes = new Lanes<string>();
      let plain: { readonly priority: number; readonly key: string }[] = [];
      const without = (gone: { priority: number; key: string }): typeof plain =>
        plain.filter(({ priority, key }) => priority !== gone.priority || key !== gone.key);
      const sorted = (): typeof plain => plain.toSorted((one, other) => one.priority - other.priority);
      const nameOf = (one: { priority: number; key: string } | undefined): string | undefined =>
        one && `${one.priority} ${one.key}`;
      for (const { kind, ...step } of steps) {
        const gone = kind === "evict" ? sorted().at(-1) : step;
        const known = without(step).length < plain.length;
        if (kind === "set") {
          lanes.set(step.priority, step.key, `${step.priority} ${step.key}`);
          if (!known) plain.push(step);
        } else if (gone) {
          lanes.delete(gone.priority, gone.key);
          plain = without(gone);
        }
        expect([lanes.size, lanes.first()]).toEqual([plain.length, nameOf(sorted()[0])]);
        if (kind === "evict") expect(lanes.last()).toBe(nameOf(sorted().at(-1)));
      }
    }),
  );
});
