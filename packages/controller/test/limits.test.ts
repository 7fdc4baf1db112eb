import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { opsLimits } from "../src/base/bounds/opsLimits.ts";
import { dashboardLimits } from "../src/base/dashboard/limits.ts";
import { agentLimits } from "../src/base/bounds/agentLimits.ts";
import { demandLimits } from "../src/parts/batch/observe/demand/limits.ts";
import { scalerLimits } from "../src/parts/batch/scaler/limits.ts";
import { admissionLimits } from "../src/parts/gpu/admission/server/limits.ts";
import { mostTriggers } from "../src/parts/batch/slots/triggers.ts";

const text = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "limits.md"), "utf8");

/** What the section says: names with their numbers. */
function told(section: string): Readonly<Record<string, number>> {
  const [, rest = ""] = text.split(`## ${section}`);
  const [table = ""] = rest.split("\n## ");
  const rows = [...table.matchAll(/^\| (`[^|]+) \| ([\d, ]+) \|/gm)];
  return Object.fromEntries(
    rows.flatMap(([, names = "", numbers = ""]) => {
      const values = numbers.split(", ").map(Number);
      return names.split(", ").map((name, at): [string, number] => [name.replaceAll("`", ""), values[at] ?? NaN]);
    }),
  );
}

describe("docs/limits.md", () => {
  it.each([
    ["Agents' port", agentLimits],
    ["Ops port", opsLimits],
    ["Dashboard", dashboardLimits],
    ["External scaler", { ...scalerLimits, triggers: mostTriggers }],
    ["GPU webhook", admissionLimits],
    ["Demand of triggers", demandLimits],
  ])("tells every limit of the %s as it is", (section, limits) => {
    expect(told(section)).toEqual(limits);
  });
});
