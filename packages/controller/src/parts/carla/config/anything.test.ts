import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";

import { ReleaseConfigError } from "./problems.ts";
import { readTexts } from "./testing/readTexts.ts";
import { shippedApps, shippedPolicy } from "./testing/shipped.ts";

const ours = `
windows:
  holidays: {dates: [2026-12-25], as: BLOCKED}
  clinics:
    north: {timezone: UTC, allow: [{days: [MON, HOLIDAY], start: "10:00", end: "11:00"}], block: [{from: 2026-12-20T00:00Z, until: 2026-12-21T00:00Z}]}
`;
const policy: unknown = { ...(parse(shippedPolicy) as object), ...(parse(ours) as object) };
const apps: unknown = parse(
  shippedApps("[]").replace(
    'name: "onco-app"',
    'name: "onco-app"\n    dependsOn: [metallb]\n    clinic: north\n    windows: {block: []}',
  ),
);

/** Every path into a value. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (typeof value !== "object" || value === null) return value;
  const inner = (value as Record<string, unknown>)[key];
  const copy: Record<string, unknown> = { ...value, [key]: replaced(inner, rest, by) };
  return Array.isArray(value) ? Object.values(copy) : copy;
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(Number.NaN, Infinity, -1, "24:00", "2026-02-30", "__proto__", [null], [[]], {}, null),
);
const broken = (value: unknown): fc.Arbitrary<unknown> =>
  fc
    .array(fc.tuple(fc.constantFrom(...pathsOf(value)), anything), { maxLength: 4 })
    .map((changes) => changes.reduce((changed, [path, by]) => replaced(changed, path, by), value));

const linePattern = /^(carla_policy|apps)\.yaml(:\d+)? \S.*$/;

function read(policyText: string, appsText: string): void {
  try {
    const config = readTexts(policyText, appsText);
    expect(Number.isFinite(config.policy.tickMs)).toBe(true);
    for (const { r, depth, risk } of config.apps)
      expect([r, depth, risk].every((n) => n >= 0 && n < Infinity)).toBe(true);
  } catch (error) {
    expect(error).toBeInstanceOf(ReleaseConfigError);
    const { problems, message } = error as ReleaseConfigError;
    expect(problems.length).toBeGreaterThan(0);
    expect(new Set(problems.map(({ file, path, line }) => `${file} ${path} ${line}`)).size).toBe(problems.length);
    for (const line of message.split("\n")) expect(line).toMatch(linePattern);
  }
}

describe("whatever the files say", () => {
  it("they are read, or every complaint has its line", () => {
    fc.assert(
      fc.property(broken(policy), broken(apps), (policyValue, appsValue) => {
        read(stringify(policyValue), stringify(appsValue));
      }),
      { numRuns: 300 },
    );
  });

  it("also when they are torn", () => {
    const text = stringify(policy);
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 3 }), (at, cut, inserted) => {
        read(text.slice(0, at) + inserted + text.slice(at + cut), "apps: [{name: a}]");
      }),
      { numRuns: 300 },
    );
  });
});
