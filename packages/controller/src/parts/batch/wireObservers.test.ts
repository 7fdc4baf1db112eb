import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { Cluster } from "../../base/cluster/cluster.ts";
import { Runs } from "./observe/cluster/runs.ts";
import { toScaledJob } from "./observe/cluster/scaledJob.ts";
import { BatchStores } from "./observe/cluster/stores.ts";
import { DemandSources } from "./observe/demand/sources.ts";
import { ref } from "./slots/testing/world.ts";
import { wireDemand } from "./wireObservers.ts";

const around = { clock: new VirtualClock(), rng: seededRng(1), logger: silentLogger };
const observer = {
  restarted: () => undefined,
  unreadable: () => undefined,
  diverged: () => undefined,
  counted: () => undefined,
};

function demandOf(stores: BatchStores): ReturnType<typeof wireDemand> {
  const none = (): never => {
    throw new Error("is not asked");
  };
  const sources = new DemandSources({ ...around, suspendedJobs: () => 0, prometheus: none, mqtt: none });
  return wireDemand(stores, sources, new Runs(stores.jobStore, stores.scaledJobs));
}

describe("demand", () => {
  const cluster = new Cluster({ ...around, transport: {} as KubeTransport, observer });
  const stores = new BatchStores(cluster.scope(), { labelKey: "app", labelValue: "posture-queued" });
  const demand = demandOf(stores);

  it("B9: is nobody's whom the cluster does not have", () => {
    expect(demand.scaling(ref("web"))).toBeUndefined();
    const metadata = { uid: "web", namespace: "posture", name: "web" };
    stores.scaledJobs.put(toScaledJob({ metadata, spec: { maxReplicaCount: 2 } }));
    expect(demand.scaling(ref("web"))?.maxReplicas).toBe(2);
  });

  it("B3: is not known while Jobs are not: a run that is recorded would be taken for one that has ended", () => {
    expect(() => demand.wanted(ref("web", { completions: "2" }))).toThrow("not current: nodes: not listed yet");
    expect(demand.wanted(ref("web"))).toBe(Infinity);
  });
});
