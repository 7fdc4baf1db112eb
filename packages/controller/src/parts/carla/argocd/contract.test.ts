import { argoContract } from "./testing/contract.ts";
import { FakeArgo } from "./testing/fakeArgo.ts";

argoContract("of the fake", async () => {
  const fake = new FakeArgo();
  await fake.start();
  const good = fake.add("good", { project: "p" });
  fake.add("multi", { project: "p", namespace: "clinic-apps", revisions: ["r1", "q1"] });
  fake.add("broken", { project: "p" }).behaviour = { operationMs: 20, phase: "Failed", health: "Missing" };
  fake.add("stuck", { project: "p" }).behaviour = { operationMs: 600_000, phase: "Succeeded", health: "Healthy" };
  return {
    url: fake.url,
    token: fake.token,
    project: "p",
    namespace: "clinic-apps",
    names: { good: "good", multi: "multi", broken: "broken", stuck: "stuck" },
    push: () => {
      fake.push(good, "r2");
      return Promise.resolve("r2");
    },
    deny: (denied) => {
      fake.faults.syncWindow = denied;
      return Promise.resolve();
    },
    dispose: () => fake.stop(),
  };
});
