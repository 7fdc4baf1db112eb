import { expect, it } from "vitest";

import { approvalPatch, consentTo, readApproval } from "./approval.ts";
import { pendingApplication } from "./testing.ts";

const nowMs = Date.parse("2026-03-28T20:00:00Z");

function read(annotations: Readonly<Record<string, string>>): ReturnType<typeof readApproval> {
  return readApproval(pendingApplication({ annotations }), nowMs);
}

it("reads what it wrote", () => {
  const approval = { by: "alice", untilMs: nowMs + 60_000, revision: "r2" };
  expect(read(approvalPatch(approval) as Record<string, string>)).toEqual({ approval, error: null });
});

it("needs an end, with a zone, within seven days", () => {
  expect(read({})).toEqual({ approval: null, error: null });
  expect(read({ "carla.ops/approved-by": "alice" }).approval).toBeNull();
  for (const [until, complaint] of [
    ["tomorrow", /argocd\/metallb\.metadata\.annotations\.carla\.ops\/approved-until: "tomorrow" is not a time/],
    ["2026-03-28T21:00:00", /is not a time with a zone/],
    ["2026-04-28T21:00:00Z", /is more than seven days ahead/],
  ] as const) {
    const { approval, error } = read({ "carla.ops/approved-until": until });
    expect(approval).toBeNull();
    expect(error?.message).toMatch(complaint);
  }
});

it("R2: names who consented: a person before the override, and the override only where the risk asks for consent", () => {
  const consent = (
    annotations: Readonly<Record<string, string>>,
    highRisk: boolean,
    override: string | null,
  ): unknown => consentTo(pendingApplication({ annotations }), { highRisk, override }, nowMs);
  const alice = approvalPatch({ by: "alice", untilMs: nowMs + 60_000, revision: null }) as Record<string, string>;
  const other = approvalPatch({ by: "alice", untilMs: nowMs + 60_000, revision: "another" }) as Record<string, string>;
  expect(consent(alice, true, "override.yaml")).toBe("alice");
  expect(consent(other, true, "override.yaml")).toBe("override.yaml");
  expect(consent({}, true, "override.yaml")).toBe("override.yaml");
  expect(consent({}, false, "override.yaml")).toBeNull();
  expect(consent({}, true, null)).toBeNull();
});
