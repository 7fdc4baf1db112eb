import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import {
  application,
  carlaToken,
  compare,
  type GitRepository,
  type LiveApplication,
  liveApplication,
} from "../harness/argo.ts";
import { type CarlaView, ReleaseController } from "../harness/releases.ts";
import { ShiftedClock } from "../harness/shiftedClock.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";
import {
  appsFile,
  configMap,
  deployment,
  installClinic,
  names,
  namespaceOf,
  night,
  noon,
  policyFile,
  removeClinic,
  sunday,
} from "./carla/clinic.ts";

const root = join(import.meta.dirname, "..", "..");
let stage: Stage;
let repository: GitRepository;
let controller: ReleaseController;
let most = 0;
const sampling = new AbortController();
const clock = new ShiftedClock();

const live = (name: string): Promise<LiveApplication> => liveApplication(stage.cluster, namespaceOf(name), name);
const settled = (name: string): Promise<LiveApplication> =>
  application(stage.cluster, [namespaceOf(name), name], "Synced", "Healthy");

async function asked(name: string): Promise<number> {
  return (await controller.journal()).filter(({ event, app }) => event === "asked" && app === name).length;
}

/** The releases of an application that Argo CD bears witness to. */
async function deployed(name: string): Promise<number> {
  return (await live(name)).status?.history?.length ?? 0;
}

async function viewWhen(what: string, isRight: (view: CarlaView) => boolean): Promise<CarlaView> {
  return eventually(what, () => controller.view(), isRight, 60_000);
}

/** Remembers how many releases were in flight together at most. */
async function sample(): Promise<void> {
  while (!sampling.signal.aborted) {
    const inFlight = await controller.view().then(
      (view) => view.inFlight.length,
      () => 0,
    );
    most = Math.max(most, inFlight);
    await pause(100);
  }
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("carla");
  const { cluster, programs, namespace } = stage;
  await cluster.target.controlPlane?.startArgo();
  const token = join(programs.folder, "argo-token");
  await writeFile(token, await carlaToken());
  repository = await installClinic(cluster, namespace);
  clock.set(noon);
  controller = new ReleaseController(programs, clock);
  await controller.configure(policyFile(token), appsFile);
  await controller.start();
  await programs.startAgent("node1", [{ agentPort: controller.agentPort }]);
  void sample();
});

afterAll(async () => {
  if (!stage) return;
  sampling.abort();
  await controller?.stop();
  await removeClinic(stage.cluster);
  await stage.cluster.target.controlPlane?.stopArgo("all");
  await repository?.remove();
  await stage.close();
});

describe.skipIf(!inject("local"))("releases through a real Argo CD", () => {
  it("release nothing in clinic hours, and say so on each Application", async () => {
    const view = await viewWhen("all to be held", ({ decision, usage }) => {
      const reasons = Object.values(decision?.held ?? {}).map(({ reason }) => reason);
      return (
        usage.source === "agents" &&
        reasons.length === names.length &&
        reasons.every((reason) => reason === "outside_allowed_window")
      );
    });
    expect(view.decision?.headroom).not.toBeNull();
    await pause(4_000);
    for (const name of names) expect((await live(name)).status?.operationState).toBeUndefined();
    expect(await controller.journal()).toEqual([]);
    await eventually(
      "the Event",
      () => stage.cluster.eventReasons("argocd", "db"),
      (reasons) => reasons.includes("HeldOutsideAllowedWindow"),
    );
    const plan = await execa(process.execPath, [
      join(root, "packages", "cli", "src", "main.ts"),
      "carla",
      "plan",
      "--json",
      `--policy=${join(stage.programs.folder, "carla_policy.yaml")}`,
      `--apps=${join(stage.programs.folder, "apps.yaml")}`,
    ]);
    // Nobody tells the command how full the cluster is, so it would hold everything.
    const { selected, held } = JSON.parse(plan.stdout) as NonNullable<CarlaView["decision"]>;
    expect([selected, new Set(Object.values(held).map(({ reason }) => reason))]).toEqual([
      [],
      new Set(["unknown_headroom"]),
    ]);
    expect(new Set(Object.keys(held))).toEqual(new Set(names));
    const [header, first] = await controller.rows("decisions.csv");
    expect(header).toBe("ts,policy,allowed_window,headroom,selected,skipped,reason");
    expect(first).toMatch(/^\d+,CARLA-knapsack,0,[^,]*,,db\|web\|/);
  });

  it("release in order when the window opens: what is needed first, never more than two at a time", async () => {
    clock.set(night);
    for (const name of ["db", "web", "small", "steady", "multi"]) await settled(name);
    const [db, web] = [await live("db"), await live("web")];
    const dbDone = Date.parse(db.status?.history?.[0]?.deployedAt ?? "");
    expect(Date.parse(web.status?.operationState?.startedAt ?? "")).toBeGreaterThanOrEqual(dbDone);
    const events = (await controller.journal()).map(({ event, app }) => `${event} ${app}`);
    expect(events.indexOf("succeeded db")).toBeLessThan(events.indexOf("asked web"));
    expect(most).toBe(2);
    expect((await live("multi")).status?.history?.[0]?.revisions).toHaveLength(2);
    await eventually(
      "the last to be verified",
      () => controller.view(),
      ({ inFlight }) => inFlight.length === 0,
      60_000,
    );
    await eventually(
      "a row for each",
      () => controller.rows("rollouts.csv"),
      ({ length }) => length === 6,
    );
    for (const name of ["db", "web", "small", "steady", "multi"]) expect(await deployed(name)).toBe(1);
  });

  it("contain what fails to sync and what never gets healthy: once each, with the reason", async () => {
    const failures = async (): Promise<string[]> =>
      (await controller.journal()).flatMap(({ event, app, reason }) =>
        event === "failed" ? [`${app} ${reason}`] : [],
      );
    await eventually("both to fail", failures, (all) => all.length === 2);
    expect((await failures()).toSorted()).toEqual(["broken sync_failed", "sick degraded"]);
    await pause(3_000);
    expect([await asked("broken"), await asked("sick")]).toEqual([1, 1]);
    const { decision } = await controller.view();
    expect(decision?.held["broken"]?.reason).toBe("backing_off");
    await eventually(
      "the Event",
      () => stage.cluster.eventReasons("argocd", "sick"),
      (reasons) => reasons.includes("ReleaseFailed"),
    );
    expect(await controller.metrics()).toMatch(/carla_release_failures_total\{reason="sync_failed"\} 1/);
  });

  it("pause what is high-risk until somebody approves this revision", async () => {
    await viewWhen("the pause", ({ decision }) => decision?.held["risky"]?.reason === "high_risk_paused");
    expect(await asked("risky")).toBe(0);
    expect(await stage.cluster.walras("carla", "approve", "risky", "--by=dr-ionescu", "--for=1h")).toMatch(
      /^argocd\/risky: revision [0-9a-f]{40} approved by dr-ionescu until /,
    );
    // The approval was given on the machine's date, which is after the test's.
    const until = `carla.ops/approved-until=${new Date(clock.wallMs() + 3_600_000).toISOString()}`;
    await stage.cluster.kubectl("-n", "argocd", "annotate", "application", "risky", "--overwrite", until);
    await settled("risky");
    expect((await controller.journal()).find(({ app }) => app === "risky")?.approvedBy).toBe("dr-ionescu");
    await eventually(
      "the Event",
      () => stage.cluster.events("argocd", "risky"),
      (events) =>
        events.some(({ reason, note }) => reason === "ReleaseStarted" && note.includes("approved by dr-ionescu")),
    );
  });

  it("follow a clinic's own hours", async () => {
    expect((await controller.view()).decision?.held["imaging"]?.reason).toBe("outside_allowed_window");
    expect(await deployed("imaging")).toBe(0);
    clock.set(sunday);
    await settled("imaging");
    expect(await deployed("imaging")).toBe(1);
  });

  it("neither lose nor repeat a sync when Argo CD restarts in the middle", async () => {
    clock.set(night);
    const changed = ["db", "web", "small", "multi"];
    const commit = await repository.commit(
      Object.fromEntries(changed.map((name) => [`${name}/cm.yaml`, configMap(name, "2")])),
    );
    for (const name of changed) await compare(stage.cluster, "argocd", name);
    await eventually(
      "the first release",
      () => controller.view(),
      ({ inFlight }) => inFlight.length > 0,
      60_000,
    );
    await stage.cluster.target.controlPlane?.stopArgo();
    await pause(4_000);
    await stage.cluster.target.controlPlane?.startArgo();
    for (const name of changed) {
      await eventually(
        `${name} at the new commit`,
        () => live(name),
        ({ status }) => {
          const { revision, revisions = [revision] } = status?.history?.at(-1) ?? {};
          return revisions.includes(commit) && status?.sync?.status === "Synced";
        },
        120_000,
      );
    }
    await viewWhen("the end", ({ inFlight }) => inFlight.length === 0);
    for (const name of changed) expect([name, await deployed(name)]).toEqual([name, 2]);
  });

  it("go on where a controller left off that died in the middle", async () => {
    const before = await asked("steady");
    const image = stage.cluster.target.loadImage;
    await repository.commit({
      "steady/deployment.yaml": deployment("steady", image, "minReadySeconds: 6").replace('"1"', '"2"'),
    });
    await compare(stage.cluster, "argocd", "steady");
    await viewWhen("steady under way", ({ inFlight }) =>
      inFlight.some(({ app, phase }) => app === "steady" && phase === "verifying"),
    );
    await controller.stop();
    await controller.start();
    await viewWhen("it to be taken up", ({ inFlight }) => inFlight.some(({ app }) => app === "steady"));
    await viewWhen("its end", ({ inFlight }) => inFlight.length === 0);
    await settled("steady");
    expect([(await asked("steady")) - before, await deployed("steady")]).toEqual([1, 2]);
    const ends = (await controller.journal()).filter(({ event, app }) => event === "succeeded" && app === "steady");
    expect(ends).toHaveLength(2);
  });

  it("keep the last good configuration, and say what is wrong with the new one", async () => {
    const file = join(stage.programs.folder, "carla_policy.yaml");
    const good = await readFile(file, "utf8");
    await writeFile(file, good.replace('start: "20:00"', 'start: "25:00"').replace("start: 20:00", "start: 25:00"));
    const { configError } = await viewWhen("the complaint", (view) => view.configError !== null);
    expect(configError).toMatch(/windows\.allow\[0\]\.start: "25:00"/);
    await writeFile(file, good);
    await viewWhen("the good one", (view) => view.configError === null);
  });
});
