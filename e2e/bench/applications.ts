// CARLA among a thousand Applications of a real Argo CD: a window that opens and closes, a freeze in the middle, three
// budgets. Everything is measured by what Argo CD writes down.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { publishBench } from "@walras/kit/bench";
import { stringify } from "yaml";

import { GitRepository } from "../harness/argo.ts";
import { installCarla, startCarla } from "../harness/carla.ts";
import { Cluster } from "../harness/cluster.ts";
import { type Program, Programs } from "../harness/programs.ts";
import { eventually, pause } from "../harness/wait.ts";
import { selectProvider } from "../providers/select.ts";
import { createFleet, type FleetWatch, removeFleet, watchFleet } from "./applications/bed.ts";
import { appsFile, closed, type Group, groupNames, members, policyFile, type Window } from "./applications/fleet.ts";
import { mostOverlapping } from "./applications/operations.ts";
import { type Request, requestsOf } from "./applications/requests.ts";
import { measure, type Moments, type Recorded, ratiosOf, rowsOf } from "./applications/report.ts";

const fleet = members(1_000);
const compareWithinMs = 600_000;
/** Argo CD's own default. */
const resyncSeconds = 120;
/** Time to take in the policy in which it opens. */
const opensInMs = 15_000;
const openMs = 180_000;
const freezeAtMs = 60_000;
const frozenForMs = 20_000;
/** What begins too late shows by then, and what began in time ends. */
const watchedAfterMs = 30_000;

const root = join(import.meta.dirname, "..", "..");
const places = {
  namespace: `clinic-bench-${process.pid}`,
  project: `walras-applications-${process.pid}`,
  into: `walras-applications-${process.pid}`,
};

/** Its files, and the process that reads them. */
interface Carla {
  readonly program: Program;
  /** Another window is in force from the next look at the file. */
  setWindow(window: Window): Promise<void>;
}

async function startClosed(programs: Programs): Promise<Carla> {
  const files = { policy: join(programs.folder, "carla_policy.yaml"), apps: join(programs.folder, "apps.yaml") };
  const setWindow = (window: Window): Promise<void> =>
    writeFile(files.policy, stringify(policyFile(window, join(programs.folder, "data"))));
  await setWindow(closed);
  await writeFile(files.apps, stringify(appsFile(fleet, places.namespace)));
  return { program: await startCarla(programs, "carla", files), setWindow };
}

/** By Argo CD, each. */
async function compared({ store }: FleetWatch): Promise<void> {
  const startedMs = performance.now();
  await eventually(
    `${fleet.length} Applications to be OutOfSync`,
    () => [...store.values()].filter(({ sync }) => sync === "OutOfSync").length,
    (count) => count === fleet.length,
    compareWithinMs,
  );
  console.log(`all are compared after ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
}

/** On a whole second, as Argo CD writes them. */
async function open({ program, setWindow }: Carla): Promise<Window> {
  const opensMs = Math.ceil((Date.now() + opensInMs) / 1000) * 1000;
  const window = { opensMs, closesMs: opensMs + openMs };
  await setWindow(window);
  await eventually(
    "the window to be taken in",
    () => program.log(),
    (log) => log.includes("configuration read again: it is in force"),
    opensInMs - 2_000,
  );
  return window;
}

/** From the opening until a while after the end. */
async function play(cluster: Cluster, carla: Carla): Promise<Moments> {
  const { opensMs, closesMs } = await open(carla);
  await pause(opensMs + freezeAtMs - Date.now());
  console.log(await cluster.walras("carla", "freeze", "--by=bench", "--reason=measured"));
  const frozenMs = Date.now();
  await pause(frozenForMs);
  const unfreezingMs = Date.now();
  console.log(await cluster.walras("carla", "unfreeze"));
  const unfrozenMs = Date.now();
  await pause(closesMs + watchedAfterMs - Date.now());
  return { opensMs, closesMs, frozenMs, unfreezingMs, unfrozenMs };
}

function recorded({ log }: FleetWatch, requests: readonly Request[]): Recorded {
  const operations = log.all();
  const most = (group: Group): number =>
    Math.max(log.mostRunning(group), mostOverlapping(operations.filter((one) => one.group === group)));
  const atOnce = Object.fromEntries(groupNames.map((group) => [group, most(group)])) as Record<Group, number>;
  return { operations, requests, atOnce, applications: fleet.length };
}

/** What CARLA has asked for, by its journal. */
async function requested(programs: Programs): Promise<readonly Request[]> {
  const lines = (await readFile(join(programs.folder, "data", "releases.jsonl"), "utf8")).trim().split("\n");
  return requestsOf(lines);
}

/** Leases of earlier runs: who led, and what was frozen. */
async function forget(cluster: Cluster): Promise<void> {
  await cluster.kubectl("-n", "carla", "delete", "lease", "carla-scheduler", "carla-freeze", "--ignore-not-found");
}

async function run(cluster: Cluster, programs: Programs, watch: FleetWatch): Promise<void> {
  const carla = await startClosed(programs);
  await compared(watch);
  const moments = await play(cluster, carla);
  const measured = measure(recorded(watch, await requested(programs)), moments);
  publishBench(root, {
    name: "applications",
    command: "pnpm bench applications",
    rows: rowsOf(measured, fleet.length),
    ratios: ratiosOf(measured),
  });
}

const provider = selectProvider({ ...process.env, WALRAS_E2E_PROVIDER: "testbed" });
const cluster = await Cluster.of(await provider.up());
const { controlPlane } = cluster.target;
if (controlPlane === null) throw new Error("no hold of the control plane");
const programs = new Programs(cluster, "applications");
const repository = await GitRepository.create();
let watch: FleetWatch | undefined;
try {
  await controlPlane.startArgo(resyncSeconds);
  await installCarla(cluster);
  await forget(cluster);
  await createFleet(cluster, places, repository, fleet);
  watch = watchFleet(cluster, places.namespace);
  await run(cluster, programs, watch);
} finally {
  await watch?.stop();
  await programs.stopAll();
  await forget(cluster);
  await removeFleet(cluster, places);
  await controlPlane.stopArgo("all");
  await repository.remove();
  await cluster.transport.close();
}
