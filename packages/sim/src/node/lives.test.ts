import { expect, it } from "vitest";

import { mapsOf } from "../apiserver/objects/model.ts";
import { countedRequests } from "../cluster/nodeAccounts.ts";
import { bed, settled } from "./testing.ts";

const load = (text: string): object => ({ annotations: { "sim.walras.dev/load.c0": text } });
const endsSoon = load('{"demand":{"kind":"constant","cores":0.1},"endsAfterSeconds":3}');

it("a container that ends is terminated and its group goes, while the others run on", async () => {
  const { pod, read, clock, machine } = await bed();
  await pod(
    "job",
    [
      [100, 200],
      [50, 100],
    ],
    { metadata: endsSoon, spec: { restartPolicy: "Never" } },
  );
  await clock.advance(4_000);
  const { status } = await read("job");
  expect(status?.["phase"]).toBe("Running");
  const [ended, runs] = mapsOf(status?.["containerStatuses"]);
  expect(ended).toMatchObject({ ready: false, state: { terminated: { exitCode: 0, reason: "Completed" } } });
  expect(runs).toMatchObject({ ready: true, state: { running: {} } });
  expect(machine.truth().map(({ container }) => container)).toEqual(["c1"]);
});

it("a pod whose last container has ended has succeeded and holds nothing any more", async () => {
  const { pod, read, clock, machine } = await bed();
  await pod("job", [3_000], { metadata: endsSoon, spec: { restartPolicy: "Never" } });
  await clock.advance(4_000);
  expect((await read("job")).status?.["phase"]).toBe("Succeeded");
  expect(machine.truth()).toEqual([]);
  expect((await pod("next", [3_000])).status?.["phase"]).toBe("Running");
});

it("a container that its pod starts anew does not end", async () => {
  const { pod, read, clock } = await bed();
  await pod("web", [100], { metadata: endsSoon });
  await clock.advance(4_000);
  expect((await read("web")).status?.["phase"]).toBe("Running");
});

it("a sidecar runs and is resized beside the containers, and what is asked for the pod as a whole is counted", async () => {
  const { pod, resize, read, clock, quotas } = await bed();
  const resources = { requests: { cpu: "20m" }, limits: { cpu: "50m" } };
  const proxy = { name: "proxy", image: "app:1", restartPolicy: "Always", resources };
  const running = await pod("meshed", [100, 200], { spec: { initContainers: [proxy] } });
  expect(mapsOf(running.status?.["initContainerStatuses"])).toMatchObject([{ name: "proxy", resources }]);
  expect(countedRequests(running).cpu).toBe(120);
  await resize("meshed", [150, 300]);
  await clock.advance(settled);
  expect(quotas("meshed")).toEqual([0.3, 0.05]);
  expect(countedRequests(await read("meshed")).cpu).toBe(170);
  const whole = await pod("whole", [100], { spec: { resources: { requests: { cpu: "3500m" } } } });
  expect(countedRequests(whole).cpu).toBe(3500);
  expect((await pod("late", [500])).status).toMatchObject({ phase: "Failed", reason: "OutOfcpu" });
});
