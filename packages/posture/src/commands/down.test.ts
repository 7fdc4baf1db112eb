import { VirtualClock } from "@walras/kit";
import { applyObject, resources } from "@walras/kube";
import { serveKind } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, test } from "vitest";

import { down, type DownOptions } from "./down.ts";
import { defaultFlags } from "./flags.ts";
import { podLabels } from "./kinds.ts";
import { readOptions } from "./options.ts";
import { ExampleCluster, Notes } from "./testing.ts";
import { up } from "./up.ts";

const scaledJobs = "/apis/keda.sh/v1alpha1/namespaces/posture/scaledjobs";
const jobs = "/apis/batch/v1/namespaces/posture/jobs";
const pods = "/api/v1/namespaces/posture/pods";

const scaledJobKind = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob" };

let clock: VirtualClock;
let cluster: ExampleCluster;

beforeEach(async () => {
  clock = new VirtualClock();
  cluster = new ExampleCluster(clock);
  await serveKind(cluster.transport, { group: "batch", kind: "Job" });
});

async function installed(): Promise<void> {
  await serveKind(cluster.transport, { group: "keda.sh", version: "v1alpha1", kind: "ScaledJob" });
  await up(cluster.transport, readOptions({ ...defaultFlags, jobs: "2" }), new Notes());
}

/** A Job as KEDA makes it of a ScaledJob, and its pod on a node. */
async function job(name: string, owner?: object, labels: object = podLabels): Promise<void> {
  const metadata = { name, labels: { "scaledjob.keda.sh/name": "s" }, ...(owner && { ownerReferences: [owner] }) };
  const kind = { apiVersion: "batch/v1", kind: "Job" };
  const uid = await cluster.create(jobs, { ...kind, metadata, spec: { template: { metadata: { labels } } } });
  const ownerReferences = [{ ...kind, name, uid, controller: true }];
  await cluster.create(pods, {
    metadata: { name: `${name}-x`, labels, ownerReferences },
    spec: { nodeName: "n", containers: [{ name: "c", image: "i" }] },
  });
}

async function downWith(options: Partial<DownOptions> = {}): Promise<Notes> {
  const notes = new Notes();
  const { transport } = cluster;
  const wanted = { namespace: "posture", timeoutMs: 5_000, deleteNamespace: false, labels: false, ...options };
  const done = down(wanted, { transport, teller: notes, clock });
  for (let steps = 0; steps < 100; steps += 1) await clock.advance(100);
  await done;
  return notes;
}

describe("walras posture down", () => {
  test("deletes what up made and what came of it, and says so; nothing else", async () => {
    await installed();
    const name = "posture-analyzer-job-0";
    const { metadata } = await cluster.get<{ metadata: { uid: string } }>(`${scaledJobs}/${name}`);
    await job("a", { ...scaledJobKind, name, uid: metadata.uid });
    await job("orphan");
    await job("stranger", undefined, { app: "other" });
    await cluster.create(scaledJobs, { ...scaledJobKind, metadata: { name: "theirs" }, spec: {} });
    stopPods();
    const { done, failures } = await downWith();
    expect(failures).toEqual([]);
    expect(done.toSorted()).toEqual(
      [
        "scaledjob.keda.sh/posture-analyzer-job-0 deleted",
        "scaledjob.keda.sh/posture-analyzer-job-1 deleted",
        "job.batch/a deleted",
        "job.batch/orphan deleted",
        "pod/a-x deleted",
        "pod/orphan-x deleted",
        "configmap/posture-analyzer deleted",
      ].toSorted(),
    );
    expect(await cluster.names(scaledJobs)).toEqual(["theirs"]);
    expect(await cluster.names(jobs)).toEqual(["stranger"]);
    expect(await cluster.names(pods)).toEqual(["stranger-x"]);
    expect(await cluster.names("/api/v1/namespaces")).toContain("posture");
  });

  test("deletes a job too that KEDA made while others went", async () => {
    await installed();
    clock.after(300, () => void job("late"));
    cluster.server.store.put("configmaps", held("slow", ["test/wait"]));
    clock.after(1_700, () => cluster.server.store.remove("configmaps", "posture", "slow"));
    stopPods();
    const { done, failures } = await downWith();
    expect(failures).toEqual([]);
    expect(done).toEqual(expect.arrayContaining(["job.batch/late deleted", "pod/late-x deleted"]));
  });

  test("says what has not gone in time, and what holds it; the namespace then stays", async () => {
    await installed();
    cluster.server.store.put("configmaps", held("stuck", ["finalizer.test/nobody"]));
    const { done, failures } = await downWith({ deleteNamespace: true });
    expect(done).toContain("configmap/posture-analyzer deleted");
    expect(failures).toEqual([
      "configmap/stuck: is not gone yet, held by finalizer.test/nobody",
      "namespace/posture: is not deleted: what is in it has not gone",
    ]);
    expect(await cluster.names("/api/v1/namespaces")).toContain("posture");
  });

  test("one that may not be deleted keeps no other from it", async () => {
    await installed();
    cluster.server.admission.push(({ operation, object }) => {
      if (operation === "DELETE" && object.metadata.name.endsWith("-job-0")) throw new Error("not this one");
    });
    const { done, failures } = await downWith();
    expect(failures).toEqual([
      expect.stringMatching(/^scaledjob\.keda\.sh\/posture-analyzer-job-0: DELETE .*not this/),
    ]);
    expect(done).toHaveLength(2);
  });

  test("does nothing where nothing is, also without KEDA", async () => {
    expect(await downWith({ deleteNamespace: true })).toMatchObject({ done: [], failures: [] });
  });

  test("deletes the namespace when it is told to", async () => {
    await installed();
    const { done, failures } = await downWith({ deleteNamespace: true });
    expect(failures).toEqual([]);
    expect(done.at(-1)).toBe("namespace/posture deleted");
    expect(await cluster.names("/api/v1/namespaces")).not.toContain("posture");
  });

  test("takes from nodes what the ranker wrote, and nothing that others wrote", async () => {
    for (const name of ["ranked", "shared", "labelled"]) await cluster.create("/api/v1/nodes", { metadata: { name } });
    await label("ranked", "walras-batch", { "posture/slot": "slot-1", "posture/rank": "1" });
    await label("ranked", "somebody", { "posture/eligible": "true" });
    await label("shared", "walras-batch", { "posture/slot": "slot-2", "posture/rank": "2" });
    await label("shared", "somebody", { "posture/slot": "slot-2" });
    await label("labelled", "somebody", { "posture/slot": "slot-3" });
    const { done, failures } = await downWith({ labels: true });
    expect(failures).toEqual([]);
    expect(done.toSorted()).toEqual([
      "node/ranked lost its labels posture/rank, posture/slot",
      "node/shared lost its labels posture/rank",
    ]);
    const labels = async (name: string): Promise<unknown> =>
      (await cluster.get<{ metadata: { labels?: object } }>(`/api/v1/nodes/${name}`)).metadata.labels;
    expect(await labels("ranked")).toEqual({ "posture/eligible": "true" });
    expect(await labels("shared")).toEqual({ "posture/slot": "slot-2" });
    expect(await labels("labelled")).toEqual({ "posture/slot": "slot-3" });
  });
});

function held(name: string, finalizers: readonly string[]): Parameters<ExampleCluster["server"]["store"]["put"]>[1] {
  const labels = { "app.kubernetes.io/part-of": "posture", "app.kubernetes.io/managed-by": "walras" };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "posture", uid: name, labels, finalizers },
  };
}

/** As kubelets do, a second after they are told. */
function stopPods(): void {
  cluster.server.store.onChange(({ type, collection, object }) => {
    if (collection !== "pods" || type !== "MODIFIED" || !object.metadata.deletionTimestamp) return;
    clock.after(1_000, () => cluster.server.store.remove("pods", "posture", object.metadata.name));
  });
}

async function label(name: string, fieldManager: string, labels: object): Promise<void> {
  const target = { resource: resources.node, name: { namespace: "", name } };
  await applyObject(cluster.transport, target, { metadata: { labels } }, { fieldManager, force: true });
}
