import { type WorkloadProfileSpec, workloadProfileCrd, workloadProfileResource } from "@walras/api";
import { describeError, Repeating, seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { collectionPath, objectPath, WriteQueue } from "@walras/kube";
import { ApiServer, inProcessTransport, type KubeObject } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, it } from "vitest";

import { gatedWrites } from "../../../base/access/gate.ts";
import { ProfileKeeper } from "./keeper.ts";
import { profilePort, storedProfiles } from "./port.ts";
import { hourMs, MemoryBed, minuteMs, monday, podOf, policy } from "./testing.ts";
import { ProfileWriter } from "./writer.ts";

const dayMs = 24 * hourMs;
const pod = podOf("cart", "1");
const collection = "workloadprofiles.allocation.mbcas.io";

let clock: VirtualClock;
let api: ApiServer;
let leads: boolean;
let told: string[];
let calls: string[];

/** A controller's memory, and what keeps it in the cluster. */
class Life {
  readonly bed: MemoryBed;
  readonly keeper: ProfileKeeper;

  constructor(most = 100) {
    const around = { clock, rng: seededRng(1), logger: silentLogger };
    const transport = inProcessTransport(api, "walras");
    const counting = {
      ...transport,
      send: (request: Parameters<typeof transport.send>[0]) => {
        calls.push(`${request.method} ${request.path.split("/").slice(-1).join("")}`);
        return transport.send(request);
      },
    };
    const observer = { finished: () => undefined, waiting: () => undefined };
    const queue = new WriteQueue({ ...around, perSecond: 100, burst: 100, observer });
    const writes = gatedWrites(queue, { mayAct: () => leads, why: () => [] });
    const writer = new ProfileWriter({ ...around, port: profilePort(counting), writes, policy });
    this.bed = new MemoryBed({ clock, most, dropped: (one) => writer.remove(one) });
    this.keeper = new ProfileKeeper({
      ...around,
      stored: (signal) => storedProfiles(counting, signal),
      workloads: this.bed.workloads,
      writer,
      policy,
      mayAct: () => leads,
      repeating: (everyMs, run) => new Repeating({ ...around, name: "profiles", everyMs, run }),
      unreadable: ({ kind, name, uid }, reason) => told.push(`${kind} ${name} ${uid === "" ? "?" : "uid"}: ${reason}`),
      counted: () => undefined,
    });
  }

  static async begin(most?: number): Promise<Life> {
    const life = new Life(most);
    void life.keeper.start();
    await clock.advance(1_000);
    return life;
  }
}

function stored(name = "deployment-cart"): (KubeObject & { readonly spec: WorkloadProfileSpec }) | undefined {
  return api.store.get(collection, "default", name) as ReturnType<typeof stored>;
}

async function put(name: string, spec: object): Promise<void> {
  const path = collectionPath(workloadProfileResource, "default");
  const { apiVersion, kind } = workloadProfileResource;
  await inProcessTransport(api).send({ method: "POST", path, body: { apiVersion, kind, metadata: { name }, spec } });
}

const writesOf = (): readonly string[] => calls.filter((call) => call.startsWith("PATCH"));

beforeEach(async () => {
  clock = new VirtualClock(monday);
  api = new ApiServer({ clock, rng: seededRng(7) });
  leads = true;
  told = [];
  calls = [];
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await inProcessTransport(api).send({ method: "POST", path, body: workloadProfileCrd() });
});

describe("a restart of the controller", () => {
  it("keeps what is known: a successor asks the same request at once", async () => {
    const first = await Life.begin();
    await first.bed.run(pod, 70, dayMs + hourMs);
    const before = first.bed.request(pod);
    await first.keeper.stop();
    const second = await Life.begin();
    second.bed.read = second.keeper.isRead();
    expect(before).toBeLessThan(110);
    expect(second.bed.request(pod)).toBeCloseTo(before ?? 0, 6);
  });

  it("loses nothing that is worth ten minutes when it is asked to end, and nothing older when it is killed", async () => {
    const first = await Life.begin();
    await first.bed.run(pod, 70, 50 * minuteMs);
    await first.keeper.stop();
    expect(stored()?.spec.containers[0]?.watchedMinutes).toBeGreaterThan(45);
    const second = await Life.begin();
    await second.bed.run(pod, 70, dayMs);
    const killed = await Life.begin();
    const history = killed.bed.workloads.get("default/Deployment/cart")?.containers.get("app");
    expect(history?.watchedMinutes(clock.wallMs())).toBeGreaterThan(500);
  });

  it("reads nothing while it does not lead, and writes nothing when it does no longer", async () => {
    leads = false;
    const standby = await Life.begin();
    await clock.advance(minuteMs);
    expect([calls, standby.keeper.isRead()]).toEqual([[], false]);
    leads = true;
    await clock.advance(1_000);
    expect([calls, standby.keeper.isRead()]).toEqual([["GET workloadprofiles"], true]);
    await standby.bed.run(pod, 70, 9 * minuteMs);
    leads = false;
    await standby.bed.run(pod, 70, hourMs);
    await standby.keeper.stop();
    expect(writesOf()).toEqual([]);
  });

  it("is held up by no write that is not answered", async () => {
    const life = await Life.begin();
    await life.bed.run(pod, 70, 15 * minuteMs);
    api.faults.pause();
    await life.bed.run(pod, 400, 15 * minuteMs);
    const stopped = life.keeper.stop();
    await clock.advance(1);
    await clock.advance(3_000);
    await stopped;
    expect(stored()).toBeDefined();
    api.faults.resume();
  });
});

describe("a profile that cannot be read", () => {
  const wrong = (spec: WorkloadProfileSpec): readonly (readonly [string, object])[] => [
    ["deployment-cart", { ...spec, containers: [{ ...spec.containers[0], histogram: "AAE" }] }],
    ["deployment-cart", { ...spec, encoding: 2 }],
    ["deployment-cart", { ...spec, containers: [{ ...spec.containers[0], hours: "AAAA" }] }],
    ["deployment-copy", spec],
    ["deployment-cart", { ...spec, seen: "2036-01-01T00:00:00Z" }],
  ];

  it.each([
    [
      0,
      /^WorkloadProfile deployment-cart uid: default\/deployment-cart\.spec\.containers\.0\.histogram: "AAE" is not base64/,
    ],
    [1, /spec\.encoding: 2 is not 1, the one known here/],
    [2, /spec\.containers\.0\.hours: "AAAA" is 3 bytes, not one for each of 168 hours/],
    [4, /spec\.seen: "2036-01-01T00:00:00Z" is in the future/],
    [3, /metadata\.name: "deployment-copy" is not deployment-cart, the name of its workload's profile/],
  ])("is told on the object and left out (%i); the others count", async (index, complaint) => {
    const first = await Life.begin();
    await first.bed.run([pod, podOf("good", "2")], 70, dayMs);
    await first.keeper.stop();
    const { spec } = stored() ?? {};
    if (!spec) throw new Error("nothing was written");
    api.store.remove(collection, "default", "deployment-cart");
    const [name, body] = wrong(spec)[index] ?? ["", {}];
    await put(name, body);
    const second = await Life.begin();
    expect(told).toEqual([expect.stringMatching(complaint)]);
    expect(second.bed.request(pod)).toBeNull();
    expect(second.bed.request(podOf("good", "3"))).toBeLessThan(150);
  });

  it("of another shape is refused by the API server", async () => {
    const spec = { encoding: 1, workload: { kind: "Deployment", name: "cart" }, containers: [{ name: "app" }] };
    const refused = await put("deployment-cart", spec).catch(describeError);
    expect(refused).toMatch(/habitCPURequest/);
  });
});

describe("a profile", () => {
  it("says for people what the habit asks and how far it is trusted, and takes less than 4 KiB", async () => {
    const life = await Life.begin();
    const containers = Array.from({ length: 30 }, (_, index) => ({ ...pod.containers[0]!, name: `part-${index}` }));
    await life.bed.run({ ...pod, containers }, 70, 5 * hourMs);
    await life.keeper.stop();
    const whole = stored();
    expect(whole?.spec).toMatchObject({ workload: { kind: "Deployment", name: "cart" } });
    expect(whole?.spec.trustPercent).toBeGreaterThan(15);
    expect(whole?.spec.trustPercent).toBeLessThan(30);
    expect(whole?.spec.habitCPURequest).toMatch(/^[0-9]+m$/);
    expect(whole?.spec.containers.length).toBeGreaterThan(5);
    expect(JSON.stringify(whole).length).toBeLessThan(4096);
  });

  it("is written when it says something new, at most once in ten minutes, and rarely when nothing changes", async () => {
    const life = await Life.begin();
    let level = 50;
    await life.bed.run(pod, () => (level += 0.5), 2 * hourMs);
    expect(writesOf().length).toBeLessThanOrEqual(12);
    expect(writesOf().length).toBeGreaterThan(4);
    await life.bed.run(pod, level, 8 * dayMs);
    calls = [];
    await life.bed.run(pod, level, dayMs);
    expect(writesOf().length).toBeLessThanOrEqual(4);
    expect(writesOf().length).toBeGreaterThanOrEqual(3);
  });

  it("goes when its workload has not run for two weeks, and not before", async () => {
    const life = await Life.begin();
    await life.bed.run(pod, 70, 2 * hourMs);
    life.bed.memory.forget(pod.uid);
    await clock.advance(13 * dayMs);
    expect(stored()).toBeDefined();
    await clock.advance(dayMs + minuteMs);
    expect(stored()).toBeUndefined();
    expect(life.bed.workloads.size).toBe(0);
  });

  it("goes when the owner takes the last pod of it off the market", async () => {
    const life = await Life.begin();
    const other = podOf("cart", "2");
    await life.bed.run([pod, other], 70, 2 * hourMs);
    life.bed.memory.forget(pod.uid);
    life.keeper.leave(pod);
    await clock.advance(minuteMs);
    expect(stored()).toBeDefined();
    life.bed.memory.forget(other.uid);
    life.keeper.leave(other);
    await clock.advance(minuteMs);
    expect(stored()).toBeUndefined();
  });

  it("beyond the number that is kept is deleted, the one not seen for longest first", async () => {
    const first = await Life.begin();
    for (const name of ["old", "middle", "young"]) await first.bed.run(podOf(name, name), 70, hourMs);
    await first.keeper.stop();
    const second = await Life.begin(2);
    await clock.advance(minuteMs);
    expect([...second.bed.workloads.values()].map(({ key }) => key.split("/").at(-1))).toEqual(["young", "middle"]);
    expect(stored("deployment-old")).toBeUndefined();
    expect(stored("deployment-young")).toBeDefined();
  });
});

it("a name that is too long is cut and stays unique", async () => {
  const life = await Life.begin();
  const pods = ["a", "b"].map((end) => podOf(`${"x".repeat(252)}${end}`, end));
  await life.bed.run(pods, 70, 20 * minuteMs);
  await life.keeper.stop();
  const names = [...api.store.all(collection)].map(({ metadata }) => metadata.name);
  expect(new Set(names).size).toBe(2);
  expect(names.every((name) => name.length <= 253)).toBe(true);
  const [name = ""] = names;
  const path = objectPath(workloadProfileResource, { namespace: "default", name });
  await expect(inProcessTransport(api).send({ method: "GET", path })).resolves.toMatchObject({ metadata: { name } });
});
