import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";
import { beforeEach, describe, expect, it } from "vitest";

import { uuidOf } from "../observe/testing.ts";
import type { Process } from "../../../base/testing/process.ts";
import { Bed, type PodGiven } from "./bed.ts";

let bed: Bed;

const whole = (count = 1): PodGiven => ({ annotations: { "gpu.walras.io/milli": String(1000 * count) } });
const isBinding = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === "POST" && path.endsWith("/binding");
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `p-${index}`);
const placed = (count: number): string[] => names(count).filter((name) => bed.placeOf(name) !== "-");

beforeEach(async () => {
  bed = new Bed();
  await bed.begin({ a: { gpus: 2 }, b: { gpus: 2 } });
});

describe("a binding", () => {
  it.each([409, 403, 500, 503, 429])("that the API server answers with %i is made in the end", async (status) => {
    bed.api.faults.rejectNext(2, { status, filter: isBinding });
    await bed.pod("p-0", whole());
    await bed.controller(60);
    expect(placed(1)).toEqual(["p-0"]);
    expect(bed.events("p-0").at(-1)).toBe("Scheduled");
  });

  it("that was made, but never answered, is not made elsewhere, and its GPUs are nobody else's", async () => {
    const lost = new Set<string>();
    await bed.pod("p-0", whole(2));
    const isFirst = (request: KubeRequest): boolean =>
      isBinding(request) && !lost.has(request.path) && !!lost.add(request.path);
    await bed.controller(3, { over: (own) => deaf(own, isFirst) });
    for (const name of ["p-1", "p-2"]) await bed.pod(name, whole(2));
    await bed.pass(60);
    expect(
      bed
        .places("p-0", "p-1", "p-2")
        .filter((place) => place !== "-")
        .toSorted(),
    ).toEqual(["a 0,1", "b 0,1"]);
    expect(bed.doubleBooked()).toEqual([]);
    expect(bed.placeOf("p-0")).not.toBe("-");
  });

  it("is not made any more where its GPU has fallen ill since it was decided", async () => {
    await bed.controller();
    bed.api.faults.rejectNext(1, { status: 503, filter: isBinding });
    await bed.pod("p-0", whole(2));
    await bed.clock.advance(50);
    const [uuid = ""] = (bed.get("p-0")?.metadata.annotations?.["gpu.walras.io/devices"] ?? "").split(",");
    const node = uuid.split("-")[1] ?? "";
    bed.facts.change(node, 0, { unhealthy: "Xid 79" });
    await bed.pass(20);
    expect(bed.placeOf("p-0")).toBe(node === "a" ? "b 0,1" : "a 0,1");
  });

  it("is for the pod that was meant, and not for its successor", async () => {
    await bed.controller();
    bed.api.faults.rejectNext(1, { status: 503, filter: isBinding });
    await bed.pod("p-0", whole());
    await bed.clock.advance(50);
    await bed.remove("p-0");
    await bed.pod("p-0", whole(2));
    await bed.pass(20);
    expect(bed.placeOf("p-0")).toMatch(/^[ab] 0,1$/);
  });
});

describe("two controllers", () => {
  it("never book a GPU twice, whoever leads and is killed when", async () => {
    for (const name of names(6)) await bed.pod(name, whole());
    let leader = await bed.controller();
    for (let round = 0; round < 4; round += 1) {
      leader.kill();
      leader = await bed.controller(20);
      for (const name of placed(6).slice(0, 2)) {
        await bed.remove(name);
        await bed.pod(name, whole());
      }
      bed.api.faults.rejectNext(1, { status: 503, filter: isBinding });
      await bed.clock.advance(300);
      expect(bed.doubleBooked()).toEqual([]);
    }
    await bed.pass(30);
    expect([placed(6).length, bed.doubleBooked()]).toEqual([4, []]);
  });

  it("do not both act: the one that stands by begins when the other has gone", async () => {
    const first = await bed.controller();
    await bed.controller();
    await bed.pod("p-0", whole());
    await bed.pass(2);
    expect(bed.placeOf("p-0")).not.toBe("-");
    await first.stop(bed.clock);
    await bed.pod("p-1", whole());
    await bed.pass(20);
    expect(bed.placeOf("p-1")).not.toBe("-");
  });

  describe("of which the first is killed between claim and binding", () => {
    let second: () => Promise<Process>;

    beforeEach(async () => {
      await bed.pod("p-0", whole(2));
      const first = await bed.controller(3, { over: (own) => deaf(own, isBinding, "before") });
      expect([bed.placeOf("p-0"), bed.get("p-0")?.metadata.annotations?.["gpu.walras.io/devices"]]).toEqual([
        "-",
        "GPU-a-0,GPU-a-1",
      ]);
      first.kill();
      second = () => bed.controller(30);
    });

    it("goes on with the claim where that can still be", async () => {
      await bed.pod("p-1", whole(2));
      await second();
      expect(bed.places("p-0", "p-1")).toEqual(["a 0,1", "b 0,1"]);
    });

    it("decides anew where it cannot", async () => {
      bed.facts.change("a", 1, { unhealthy: "Xid 79" });
      await second();
      expect(bed.placeOf("p-0")).toBe("b 0,1");
    });

    it("takes the claim back where the pod has no place any more, and then a late binding is refused", async () => {
      const version = bed.get("p-0")?.metadata.resourceVersion ?? "";
      bed.facts.change("a", 1, { unhealthy: "Xid 79" });
      bed.facts.change("b", 1, { unhealthy: "Xid 79" });
      await second();
      expect(bed.get("p-0")?.metadata.annotations ?? {}).toEqual({ "gpu.walras.io/milli": "2000" });
      await bed.pod("p-1", whole());
      await bed.pass(5);
      expect(bed.placeOf("p-1")).toBe("a 0");
      await expect(bindLate("p-0", "a", version)).rejects.toThrow("Precondition failed: ResourceVersion");
      expect(bed.doubleBooked()).toEqual([]);
    });
  });

  it("let no claim stand that a user has written on a pod of his own", async () => {
    const claimed = { "gpu.walras.io/devices": [uuidOf("a", 0), uuidOf("a", 1)].join(",") };
    await bed.pod("thief", { annotations: claimed, spec: { nodeSelector: { no: "where" } } });
    await bed.pod("greedy", { annotations: { ...claimed, "gpu.walras.io/milli": "10" } });
    await bed.controller();
    for (const name of ["p-0", "p-1"]) await bed.pod(name, whole(2));
    await bed.pass(15);
    expect(bed.get("thief")?.metadata.annotations ?? {}).toEqual({});
    expect(bed.placeOf("greedy")).toMatch(/^[ab] \d$/);
    expect(placed(2)).toHaveLength(1);
  });
});

/** A line on which the answers of some calls are lost; or the calls, where it is deaf before. */
function deaf(
  own: KubeTransport,
  loses: (request: KubeRequest) => boolean,
  when: "before" | "after" = "after",
): KubeTransport {
  const gone = (): KubeError => new KubeError("no answer", { status: 0, reason: "" });
  return {
    stream: (request) => own.stream(request),
    send: async (request) => {
      const lost = loses(request);
      if (lost && when === "before") throw gone();
      const answer = await own.send(request);
      if (lost) throw gone();
      return answer;
    },
  };
}

async function bindLate(name: string, node: string, resourceVersion: string): Promise<void> {
  const target = { apiVersion: "v1", kind: "Node", name: node };
  const body = { apiVersion: "v1", kind: "Binding", metadata: { name, resourceVersion }, target };
  await bed.kubectl.send({ method: "POST", path: `/api/v1/namespaces/default/pods/${name}/binding`, body });
}
