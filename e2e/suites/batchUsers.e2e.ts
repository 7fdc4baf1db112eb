import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort, selfSigned, ServiceDouble } from "@walras/kit/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { isFinished, pollingSeconds, scaledJobOf, scalerPort } from "../harness/batchJobs.ts";
import { SlotBed } from "../harness/slotBed.ts";
import { eventually, pause } from "../harness/wait.ts";

let bed: SlotBed;

beforeAll(async () => {
  if (inject("local")) bed = await SlotBed.open("batch-users");
});

afterAll(() => bed?.close());

describe.skipIf(!inject("local"))("batch slots, as users have met them with the real KEDA,", () => {
  it("B6: are told of on a ScaledJob whose trigger is mistyped, and made for none of it", async () => {
    await bed.jobs.create("mistyped", { metadata: { completion: "1" } });
    await eventually(
      "KEDA's Event",
      () => bed.jobs.messages(),
      (text) => text.includes("completion") && text.includes("did you mean completions"),
      60_000,
    );
    expect((await bed.jobs.list()).map(scaledJobOf)).not.toContain("mistyped");
    await bed.jobs.remove();
  });

  it("B5: are as many as there are slots under every strategy", async () => {
    for (const strategy of ["accurate", "eager"] as const) {
      await bed.jobs.create(strategy, { strategy, most: 5, seconds: 6, metadata: { completions: "4" } });
      let most = 0;
      await eventually(
        `four runs of ${strategy}`,
        async () => {
          most = Math.max(most, (await bed.jobs.unfinished()).length);
          return bed.jobs.list();
        },
        (all) => all.filter((job) => scaledJobOf(job) === strategy && isFinished(job)).length === 4,
        120_000,
      );
      expect([strategy, most]).toEqual([strategy, 2]);
      await bed.jobs.remove();
    }
    expect(bed.jobs.crowded).toEqual([]);
  });

  it("B3: run as often as completions say, though the scaler dies and KEDA keeps no finished job", async () => {
    const runs = new Set<string>();
    const ended = new AbortController();
    const watch = async (): Promise<void> => {
      for (; !ended.signal.aborted; await pause(200))
        for (const { metadata } of await bed.jobs.list()) runs.add(metadata.uid);
    };
    const watching = watch();
    const seen = (count: number): Promise<unknown> =>
      eventually(
        `run ${count}`,
        () => Promise.resolve(runs.size),
        (size) => size >= count,
        90_000,
      );
    await bed.jobs.create("thrice", { history: 0, seconds: 3, metadata: { completions: "3" } });
    await seen(1);
    await eventually(
      "the run to be recorded",
      () => bed.jobs.recordedRuns("thrice"),
      (record) => record !== "",
    );
    await bed.restartScaler("SIGKILL");
    await seen(3);
    await pause(5 * pollingSeconds * 1000);
    ended.abort();
    await watching;
    expect(runs.size).toBe(3);
    await bed.jobs.remove();
  });

  it("B2: give their slots back where no node takes them, which is told, and others run", async () => {
    await bed.restartScaler("SIGTERM", ["--batch-stranded-after=5"]);
    await bed.free(2);
    await bed.jobs.create("large", { cpu: "64", most: 3, seconds: 120, metadata: { completions: "3" } });
    await eventually(
      "the large ones to wait",
      () => bed.jobs.unfinished(),
      ({ length }) => length > 0,
      60_000,
    );
    await bed.jobs.create("little", { metadata: { completions: "1" } });
    await eventually(
      "the little one to run",
      () => bed.jobs.list(),
      (all) => all.some((job) => scaledJobOf(job) === "little" && isFinished(job)),
      90_000,
    );
    await eventually(
      "the Event",
      () => bed.stage.cluster.eventReasons(bed.stage.namespace, "large"),
      (reasons) => reasons.includes("JobStranded"),
    );
    await bed.jobs.remove();
  });

  it("start where KEDA meets a replica that stands by ten times before the one that leads", async () => {
    const standbyPort = await freePort();
    const args = ["--parts=market,batch", `--batch-address=127.0.0.1:${standbyPort}`];
    const standby = await bed.stage.programs.startController({ mode: "recommend", args });
    const service = await ServiceDouble.over([...Array.from({ length: 10 }, () => standbyPort), scalerPort]);
    const metadata = { scalerAddress: `127.0.0.1:${service.port}` };
    await bed.jobs.create("sent-on", { metadata });
    // With gRPC's backoff after each of ten connections it takes three minutes.
    await eventually(
      "the job",
      () => bed.jobs.list(),
      (all) => all.some((job) => scaledJobOf(job) === "sent-on"),
      60_000,
    );
    expect(service.connections).toBe(11);
    await bed.jobs.remove();
    service.close();
    await standby.kill("SIGTERM");
  });

  it("speak TLS to a KEDA that shows its certificate, and to no other", async () => {
    const { folder } = bed.stage.programs;
    const keda = await selfSigned("keda");
    const clientCa = join(folder, "keda.crt");
    await writeFile(clientCa, keda.cert);
    const own = [`--batch-tls-cert=${join(folder, "tls.crt")}`, `--batch-tls-key=${join(folder, "tls.key")}`];
    await bed.restartScaler("SIGTERM", [...own, `--batch-tls-client-ca=${clientCa}`]);
    await bed.free(2);
    const caCert = await readFile(join(folder, "ca.crt"), "utf8");
    await bed.jobs.authenticate("scaler-tls", { caCert, tlsClientCert: keda.cert, tlsClientKey: keda.key });
    const metadata = { scalerAddress: `localhost:${scalerPort}` };
    await bed.jobs.create("stranger", { metadata });
    await bed.jobs.create("known", { metadata, authentication: "scaler-tls" });
    await eventually(
      "the known one's job",
      () => bed.jobs.list(),
      (all) => all.some((job) => scaledJobOf(job) === "known" && isFinished(job)),
      60_000,
    );
    // KEDA tells nobody of a scaler that it cannot speak to (what it wants to know first fails in silence).
    await pause(2 * pollingSeconds * 1000);
    expect((await bed.jobs.list()).map(scaledJobOf)).not.toContain("stranger");
    await bed.jobs.remove();
  });
});
