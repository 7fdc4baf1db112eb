import { dashboardIntents } from "@walras/api";
import { expect, it } from "vitest";

import { intentConflicts, intentsOf } from "./dashboard.ts";
import type { IntentView } from "./view.ts";

const intent: IntentView = {
  name: "shop/fast",
  target: "Deployment web",
  verdict: "Planned",
  reason: "one more replica",
  active: true,
  objectives: [{ profile: "p99", target: 10, value: 14, expected: 9, met: false }],
  plan: [{ name: "scaleOut", properties: { factor: 1 } }],
  cost: 0.5,
  rejected: [{ name: "rmPod", properties: { pod: "web-1" }, reason: "it would miss p99" }],
  execution: { verdict: "Done", message: "scaled" },
  effect: null,
  states: 4,
  cutShort: null,
  lastPlan: null,
};

it("shows intents with objectives, plan and what was rejected, in the page's shape", () => {
  const view = {
    at: "2026-06-01T00:00:00.000Z",
    intents: [intent],
    invalid: [{ name: "shop/bad", problem: "no target" }],
  };
  const shown = dashboardIntents.parse(intentsOf(view));
  expect(shown).toMatchObject({
    atMs: Date.UTC(2026, 5, 1),
    intents: [{ name: "shop/fast", plan: intent.plan, rejected: intent.rejected, execution: { verdict: "Done" } }],
    invalid: view.invalid,
  });
  expect(intentsOf({ at: null, intents: [], invalid: [] }).atMs).toBeNull();
});

it("counts intents that another goes before", () => {
  const intents = [intent, { ...intent, verdict: "Conflict" }];
  expect(intentConflicts({ at: null, intents, invalid: [] })).toBe(1);
});
