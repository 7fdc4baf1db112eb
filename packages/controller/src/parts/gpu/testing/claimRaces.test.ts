import { seededRng, sleep } from "@walras/kit";
import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import { Bed } from "./bed.ts";
import { ClaimBed, exactly } from "./claims.ts";

let bed: Bed;
let claims: ClaimBed;

const other = { spec: { schedulerName: "other-scheduler" } };
const isStatus = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === "PATCH" && path.includes("/resourceclaims/") && path.endsWith("/status");
const isBinding = ({ method, path }: KubeRequest): boolean => method === "POST" && path.endsWith("/binding");
/** Allocations are under way for so long that each scheduler decides before it hears of the other. */
const slow = (inner: KubeTransport): KubeTransport => ({
  stream: (request) => inner.stream(request),
  send: async (request) => {
    if (isStatus(request)) await sleep(bed.clock, 400);
    return inner.send(request);
  },
});

async function begin(gpus: number, nodes: readonly string[] = ["a"]): Promise<void> {
  bed = new Bed();
  claims = new ClaimBed(bed);
  await bed.begin(Object.fromEntries(nodes.map((node) => [node, { gpus }])));
  await claims.deviceClass();
  for (const node of nodes)
    await claims.slice(
      node,
      Array.from({ length: gpus }, (_, index) => index),
    );
}

/** Runs something just before or after the first of such calls. */
function around(
  inner: KubeTransport,
  is: (request: KubeRequest) => boolean,
  run: { readonly before?: () => Promise<void>; readonly after?: () => Promise<void> },
): KubeTransport {
  let done = false;
  return {
    stream: (request) => inner.stream(request),
    send: async (request) => {
      const mine = !done && is(request);
      if (mine) done = true;
      if (mine) await run.before?.();
      const answer = await inner.send(request);
      if (mine) await run.after?.();
      return answer;
    },
  };
}

const failed = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no" };

describe("two claims with one device, which nobody saw coming", () => {
  beforeEach(async () => {
    await begin(1);
    await claims.claim("theirs");
    await claims.pod("ours");
  });

  it.each(["before", "after"])("ours is not bound, where the other was allocated %s it", async (when) => {
    const race = { [when]: () => claims.allocate("theirs", "a", 0) };
    await bed.controller(8, { over: (inner) => around(inner, isStatus, race) });
    expect([claims.has("theirs"), bed.placeOf("ours")]).toEqual(["a/gpu-0", "-"]);
    expect(bed.whyNot("ours")).toContain("device gpu.nvidia.com/a/gpu-0 is allocated to another claim as well");
    expect(claims.usedTwice()).toEqual([]);
  });

  it("ours stays as it is until the other has gone: one that is freed looks free for both. Then it is allocated anew", async () => {
    await bed.controller(8, {
      over: (inner) => around(inner, isStatus, { before: () => claims.allocate("theirs", "a", 0) }),
    });
    const { resourceVersion } = claims.get("ours-claim")?.metadata ?? {};
    await bed.pass(60);
    expect(claims.get("ours-claim")?.metadata.resourceVersion).toBe(resourceVersion);
    await claims.deallocate("theirs");
    await bed.pass(30);
    expect(bed.placeOf("ours")).toBe("a 0");
    expect(Number(claims.get("ours-claim")?.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion) + 1);
  });
});

describe("pods of other schedulers that wait for devices", () => {
  beforeEach(async () => {
    await begin(1);
    await claims.pod("theirs", undefined, other);
  });

  it("come first while it is not known what was decided for them", async () => {
    await claims.pod("ours");
    await bed.controller(30);
    expect([claims.has("ours-claim"), bed.placeOf("ours")]).toEqual(["", "-"]);
    expect(bed.whyNot("ours")).toContain("pods of other schedulers wait for devices, and come first");
    await bed.podStatus("theirs", { conditions: [failed], nominatedNodeName: "a" });
    await bed.pass(30);
    expect([claims.has("ours-claim"), bed.placeOf("ours")]).toEqual(["", "-"]);
    await bed.podStatus("theirs", { nominatedNodeName: null });
    await bed.pass(20);
    expect(bed.placeOf("ours")).toBe("a 0");
  });

  it("have a device that is freed to themselves, as long as they may be tried again", async () => {
    await claims.claim("last");
    await claims.allocate("last", "a", 0);
    await bed.podStatus("theirs", { conditions: [failed] });
    await claims.pod("ours");
    await bed.controller(30);
    await claims.deallocate("last");
    await bed.pass(14);
    expect(claims.has("ours-claim")).toBe("");
    await bed.pass(20);
    expect(bed.placeOf("ours")).toBe("a 0");
  });

  it("are waited for a second time after the allocation is written, and one of them may yet take the device", async () => {
    await bed.podStatus("theirs", { conditions: [failed] });
    await claims.pod("ours");
    const nominate = { after: () => bed.podStatus("theirs", { nominatedNodeName: "a" }) };
    await bed.controller(60, { over: (inner) => around(inner, isStatus, nominate) });
    expect([claims.has("ours-claim"), bed.placeOf("ours")]).toEqual(["a/gpu-0", "-"]);
    await claims.allocate("theirs-claim", "a", 0);
    await bed.pass(20);
    expect(bed.whyNot("ours")).toContain("allocated to another claim as well");
    expect(bed.placeOf("ours")).toBe("-");
  });

  it("hold nobody up for ever where nobody serves the name of their scheduler", async () => {
    await claims.pod("ours");
    await bed.controller(330);
    expect(bed.placeOf("ours")).toBe("a 0");
  });
});

describe("two schedulers that do not know of each other", () => {
  it("never use a device twice, and use all of them, whatever is refused and whoever is killed", async () => {
    await begin(4, ["a", "b", "c", "d"]);
    const rng = seededRng(5);
    const names = Array.from({ length: 30 }, (_, index) => `p-${index}`);
    const second = (index: number): object => (index % 2 === 0 ? {} : { spec: { schedulerName: "second" } });
    const run = (scheduler: string): ReturnType<Bed["controller"]> => bed.controller(0, { over: slow, scheduler });
    let [one, two] = [await run("gpu-scheduler"), await run("second")];
    for (const [index, name] of names.entries()) await claims.pod(name, undefined, second(index));
    let overlaps = 0;
    for (let step = 0; step < 400; step += 1) {
      if (step % 40 === 0) bed.api.faults.rejectNext(3, { status: rng() < 0.5 ? 503 : 409, filter: isStatus });
      await bed.clock.advance(100 + rng() * 200);
      expect(claims.usedTwice()).toEqual([]);
      overlaps += claims.twice().length;
      if (step === 110) {
        one.kill();
        one = await run("gpu-scheduler");
      }
      if (step === 200) {
        two.kill();
        two = await run("second");
      }
    }
    await bed.pass(330);
    expect(claims.usedTwice()).toEqual([]);
    // They did meet.
    expect(overlaps).toBeGreaterThan(0);
    expect(names.filter((name) => bed.placeOf(name) !== "-")).toHaveLength(16);
  });
});

/** Nothing of this process reaches the server after its nth write, or the answer to that is lost. */
function failing(
  inner: KubeTransport,
  at: number,
  how: "killed" | "unanswered",
  seen: { writes: number },
): KubeTransport {
  const never = new Promise<never>(() => undefined);
  const isWrite = ({ method, path }: KubeRequest): boolean => method !== "GET" && !path.includes("/leases");
  const dead = (): boolean => how === "killed" && seen.writes >= at;
  return {
    stream: (request) => (dead() ? never : inner.stream(request)),
    send: async (request) => {
      if (dead()) return never;
      if (isWrite(request)) seen.writes += 1;
      const hit = isWrite(request) && seen.writes === at;
      const answer = await inner.send(request);
      if (hit && how === "unanswered") throw new KubeError("no answer", { status: 0, reason: "" });
      return hit || dead() ? never : answer;
    },
  };
}

describe("a controller that dies between any two of its writes about claims", () => {
  const gang = { annotations: { "gpu.walras.io/gang": "g", "gpu.walras.io/gang-size": "2" } };

  async function scenario(): Promise<void> {
    await begin(3, ["a", "b"]);
    await claims.pod("one");
    await claims.pod("two", [exactly({ count: 2 })]);
    for (const name of ["g-0", "g-1"]) await claims.pod(name, undefined, gang);
  }

  function check(): void {
    expect(claims.twice()).toEqual([]);
    expect(["one", "two", "g-0", "g-1"].filter((name) => bed.placeOf(name) === "-")).toEqual([]);
    for (const name of ["one", "two", "g-0", "g-1"]) expect(claims.users(`${name}-claim`)).toEqual([name]);
  }

  it("leaves nothing that its successor does not finish", async () => {
    const clean = { writes: 0 };
    await scenario();
    await bed.controller(30, { over: (inner) => failing(inner, Infinity, "killed", clean) });
    check();
    expect(clean.writes).toBeGreaterThanOrEqual(16);
    for (let at = 1; at <= clean.writes; at += 1) {
      await scenario();
      const first = await bed.controller(3, { over: (inner) => failing(inner, at, "killed", { writes: 0 }) });
      first.kill();
      expect(claims.usedTwice()).toEqual([]);
      await bed.controller(60);
      check();
    }
  });

  it("or gets no answer to it, has them all placed in the end", async () => {
    for (let at = 1; at <= 20; at += 1) {
      await scenario();
      await bed.controller(60, { over: (inner) => failing(inner, at, "unanswered", { writes: 0 }) });
      check();
    }
  });

  it("and whose binding comes late finds the pod another one, where its claim was taken back", async () => {
    await begin(1);
    await claims.pod("x");
    let late: KubeRequest | undefined;
    const holding = (inner: KubeTransport): KubeTransport => ({
      stream: (request) => inner.stream(request),
      send: (request) => {
        if (!isBinding(request)) return inner.send(request);
        late = request;
        return new Promise<never>(() => undefined);
      },
    });
    const first = await bed.controller(3, { over: holding });
    first.kill();
    bed.facts.change("a", 0, { unhealthy: "Xid 79" });
    await bed.patchNode("a", { spec: { unschedulable: true } });
    await bed.controller(30);
    expect([claims.has("x-claim"), claims.users("x-claim")]).toEqual(["", []]);
    if (!late) throw new Error("there was no binding");
    await expect(bed.kubectl.send(late)).rejects.toThrow("Precondition failed: ResourceVersion");
    expect(bed.placeOf("x")).toBe("-");
  });
});
