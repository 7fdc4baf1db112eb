// Batch slots as they are wired, in a whole controller: what users asked of them.
import { credentials } from "@grpc/grpc-js";
import { freePort } from "@walras/kit/testing";
import { ExternalScalerClient } from "@walras/proto/externalscaler";
import { inProcessTransport, type KubeObject } from "@walras/sim/apiserver";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createJob, JobController, Keda, serveBatchKinds, tooBig } from "./crash/jobs.ts";
import { Life } from "./crash/life.ts";

const eligible = { labels: { "posture/eligible": "true" } };
const scenario = {
  name: "batch",
  nodes: ["a", "b", "c"].map((name) => ({ name, ...eligible })),
  pods: [],
};
const patience = { timeout: 60_000, interval: 100 };

let life: Life;
let jobs: JobController;
let port: number;
const kedas: Keda[] = [];

const address = (): string => `127.0.0.1:${port}`;
const all = (collection: string): KubeObject[] => [...life.cluster.api.store.all(collection)];
const labelsOf = (name: string): Readonly<Record<string, string>> =>
  all("nodes").find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {};

/** Kinds that have been told so. */
function toldOn(reason: string): string[] {
  const events = all("events").filter((event) => event["reason"] === reason);
  return events.map((event) => (event["involvedObject"] as { readonly kind: string }).kind);
}

beforeEach(async () => {
  port = await freePort();
  const flags = ["--parts=market,batch", "--mode=off", `--batch-address=${address()}`, "--batch-stranded-after=2"];
  life = await Life.begin(scenario, flags, undefined, async ({ api }) => {
    await serveBatchKinds(api);
    const labels = { "posture/slot": "slot-9" };
    const transport = inProcessTransport(api, "kubectl-label");
    const contentType = "application/merge-patch+json";
    await transport.send({ method: "PATCH", path: "/api/v1/nodes/c", contentType, body: { metadata: { labels } } });
    const queue = { app: "posture-queued" };
    await createJob(api, { name: "ours", labels: queue }, true);
    await createJob(api, { name: "kueue", labels: { ...queue, "kueue.x-k8s.io/queue-name": "team" } }, true);
  });
  jobs = new JobController(life.cluster.api);
});

afterEach(async () => {
  for (const keda of kedas.splice(0)) keda.stop();
  jobs.stop();
  await life.end();
});

describe("batch slots in a whole controller", () => {
  it("B2, B3, B4, B8: too big a job keeps nobody waiting, runs are recorded, and what is others' stays as it is", async () => {
    const { api } = life.cluster;
    kedas.push(await Keda.begin(api, "big", address, { most: 3, labels: tooBig }));
    await expect.poll(() => kedas[0]?.made, patience).toBe(3);
    const small = await Keda.begin(api, "small", address);
    kedas.push(small);
    await expect
      .poll(() => toldOn("JobStranded").toSorted(), patience)
      .toEqual(expect.arrayContaining(["Job", "ScaledJob"]));
    // Three of the small ones, and the one of the queue.
    await expect.poll(() => jobs.finished(), patience).toBe(4);
    expect([kedas[0]?.made, small.made]).toEqual([3, 3]);
    const scaledJob = api.store.get("scaledjobs.keda.sh", "default", "small");
    const { of, before, runs } = JSON.parse(scaledJob?.metadata.annotations?.["walras.io/runs"] ?? "") as {
      readonly of: string;
      readonly before: number;
      readonly runs: readonly string[];
    };
    expect([of, before, runs.length]).toEqual([scaledJob?.metadata.uid, 0, 3]);
    expect(api.store.get("jobs.batch", "default", "kueue")?.["spec"]).toMatchObject({ suspend: true });
    expect(labelsOf("c")["posture/slot"]).toBe("slot-9");
    await expect
      .poll(() => ["a", "b"].map((node) => labelsOf(node)["posture/slot"]), patience)
      .toEqual([expect.stringMatching(/^slot-/), expect.stringMatching(/^slot-/)]);
  }, 120_000);

  it("B6, B9, R10: the port refuses what nobody reads, grants nothing to nobody, and answers curl", async () => {
    const url = `http://${address()}`;
    const free = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
    await expect.poll(free, patience).toMatch(/^available_node_count_30s [1-3]$/m);
    const client = new ExternalScalerClient(address(), credentials.createInsecure());
    const ask = (name: string, scalerMetadata: Record<string, string>): Promise<string> =>
      new Promise((resolve) => {
        const request = { scaledObjectRef: { name, namespace: "default", scalerMetadata }, metricName: "m" };
        client.getMetrics(request, (error, answer) =>
          resolve(error ? error.details : String(answer.metricValues[0]?.metricValue)),
        );
      });
    expect(await ask("web", { completion: "1" })).toContain("did you mean completions?");
    expect(await ask("web", { metricThreshold: "abc" })).toContain('metadata.metricThreshold: "abc"');
    expect(await ask("nobody", {})).toBe("0");
    client.close();
    const allowed = (await (await fetch(`${url}/allowed`)).json()) as { readonly reason: string | null };
    expect(allowed).toHaveProperty("reason");
  });
});
