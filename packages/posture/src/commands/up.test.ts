import { VirtualClock } from "@walras/kit";
import { serveKind } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, test } from "vitest";

import { defaultFlags, type PostureFlags } from "./flags.ts";
import { readOptions } from "./options.ts";
import { ExampleCluster, Notes } from "./testing.ts";
import { up } from "./up.ts";

const scaledJobs = "/apis/keda.sh/v1alpha1/namespaces/posture/scaledjobs";

let cluster: ExampleCluster;

const scaledJobKind = { group: "keda.sh", version: "v1alpha1", kind: "ScaledJob" };

beforeEach(() => {
  cluster = new ExampleCluster(new VirtualClock());
});

async function upWith(flags: Partial<PostureFlags> = {}): Promise<Notes> {
  const notes = new Notes();
  await up(cluster.transport, readOptions({ ...defaultFlags, ...flags }), notes);
  return notes;
}

describe("walras posture up", () => {
  test("makes everything, and nothing the second time", async () => {
    await serveKind(cluster.transport, scaledJobKind);
    const made = await upWith({ jobs: "2" });
    expect(made).toMatchObject({
      done: [
        "namespace/posture created",
        "configmap/posture-analyzer created",
        "scaledjob.keda.sh/posture-analyzer-job-0 created",
        "scaledjob.keda.sh/posture-analyzer-job-1 created",
      ],
      failures: [],
    });
    const again = await upWith({ jobs: "2" });
    expect(again.done).toEqual(made.done.map((line) => line.replace("created", "unchanged")));
  });

  test("changes what is said otherwise, takes back what others changed, and leaves what others added", async () => {
    await serveKind(cluster.transport, scaledJobKind);
    await upWith({ jobs: "1", demand: ["demand=jobs", "selector=app=work"] });
    await cluster.transport.send({
      method: "PATCH",
      path: `${scaledJobs}/posture-analyzer-job-0`,
      contentType: "application/merge-patch+json",
      body: { metadata: { annotations: { note: "mine" } }, spec: { maxReplicaCount: 7 } },
    });
    const { done } = await upWith({ jobs: "1", image: "walras-posture:0.2.0" });
    expect(done).toEqual([
      "namespace/posture unchanged",
      "configmap/posture-analyzer unchanged",
      "scaledjob.keda.sh/posture-analyzer-job-0 configured",
    ]);
    expect(await cluster.get(`${scaledJobs}/posture-analyzer-job-0`)).toMatchObject({
      metadata: {
        annotations: { note: "mine" },
        managedFields: expect.arrayContaining([expect.objectContaining({ manager: "walras-posture" })]),
      },
      spec: {
        maxReplicaCount: 1,
        jobTargetRef: { template: { spec: { containers: [{ image: "walras-posture:0.2.0" }] } } },
        triggers: [{ metadata: { metricName: "available_node_count_30s" } }],
      },
    });
  });

  test("tells of ScaledJobs beyond those asked for", async () => {
    await serveKind(cluster.transport, scaledJobKind);
    await upWith({ jobs: "3" });
    const { done } = await upWith({ jobs: "2" });
    expect(done.at(-1)).toBe(
      "scaledjob.keda.sh/posture-analyzer-job-2 left as it is: not of these 2; posture down deletes all",
    );
  });

  test("without KEDA says so, and makes nothing", async () => {
    await expect(upWith()).rejects.toThrow("KEDA is not installed: the cluster has no scaledjobs of keda.sh/v1alpha1");
    expect(await cluster.names("/api/v1/namespaces")).not.toContain("posture");
  });

  test("one that is refused keeps no other from being made", async () => {
    await serveKind(cluster.transport, scaledJobKind);
    cluster.server.admission.push(({ object }) => {
      if (object.metadata.name.endsWith("-1")) throw new Error("not this one");
    });
    const { done, failures } = await upWith({ jobs: "3" });
    expect(failures).toEqual([
      expect.stringMatching(/^scaledjob\.keda\.sh\/posture-analyzer-job-1: PATCH .*not this one/),
    ]);
    expect(done).toHaveLength(4);
    expect(await cluster.names(scaledJobs)).toEqual(["posture-analyzer-job-0", "posture-analyzer-job-2"]);
  });
});
