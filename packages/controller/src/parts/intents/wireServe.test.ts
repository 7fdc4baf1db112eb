import { describe, expect, it } from "vitest";

import type { Action } from "./decide/snapshot.ts";
import type { Execution } from "./loop/execution.ts";
import { seenIntent } from "./loop/testing.ts";
import { modelsOf } from "./models/effects.ts";
import { carrierOf } from "./wireServe.ts";

const plan: readonly Action[] = [
  { name: "scaleOut", properties: { factor: 2 } },
  { name: "profileCPU", properties: { id: 1 } },
];
const asked = {
  intent: "shop/web",
  target: { kind: "Deployment", name: "shop/web" },
  resources: new Map<string, number>(),
  annotations: new Map<string, string>(),
  pods: ["a", "b"],
  plan,
};
const never = new AbortController().signal;

function carrier(execution: Execution = { verdict: "Done", message: "" }) {
  const executed: (readonly Action[])[] = [];
  const learnt: string[] = [];
  const seen = seenIntent();
  const parts = {
    actor: {
      execute: (_: unknown, own: readonly Action[]) => {
        executed.push(own);
        return Promise.resolve(execution);
      },
    },
    world: {
      observer: { look: () => ({ intents: [seen], bad: [], profiles: new Map(), freeMilli: new Map() }) },
    },
    remembering: {
      models: { modelsFor: (intent: string) => modelsOf([], { intent, since: null, file: "test" }) },
      learner: {
        step: ({ intents }: { readonly intents: readonly (typeof seen)[] }) => {
          learnt.push(...intents.map(({ intent }) => intent.name));
          return Promise.resolve();
        },
      },
    },
  };
  return { ...carrierOf(parts, () => 0), executed, learnt };
}

describe("what a foreign planner asks of our actuators", () => {
  it("is done as far as it is the actuator's own, on the workload that is seen here", async () => {
    const { perform, executed } = carrier();
    await perform("scaleOut", asked, never);
    await perform("rmPod", asked, never);
    expect(executed).toEqual([plan.slice(0, 1)]);
  });

  it("is answered with what keeps it from being done", async () => {
    const { perform } = carrier({ verdict: "Conflict", message: "an autoscaler" });
    await expect(perform("scaleOut", asked, never)).rejects.toThrow("Conflict: an autoscaler");
    await expect(perform("scaleOut", { ...asked, intent: "shop/none" }, never)).rejects.toThrow("no Intent shop/none");
  });

  it("is to learn of one intent", async () => {
    const { learn, learnt } = carrier();
    await learn("scaleOut", "shop/web", never);
    expect(learnt).toEqual(["shop/web"]);
  });
});
