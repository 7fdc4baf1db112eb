import { VirtualClock } from "@walras/kit";
import { getObject, type KubeTransport, mergePatch } from "@walras/kube";
import { ApiServer, inProcessTransport, serveKind } from "@walras/sim/apiserver";
import { describe, expect, it } from "vitest";

import { applicationResource } from "@walras/controller/carla";
import { approve, type Approved, type ApproveOptions } from "./approve.ts";

const argoproj = { group: "argoproj.io", version: "v1alpha1" } as const;
const name = { namespace: "argocd", name: "onco" };
const options: ApproveOptions = { namespace: "argocd", forMs: 60_000, by: "dana", revoke: false };
const keys = ["carla.ops/approved-until", "carla.ops/approved-by", "carla.ops/approved-revision"];

interface World {
  readonly transport: KubeTransport;
  readonly clock: VirtualClock;
  readonly run: (given?: Partial<ApproveOptions>) => Promise<Approved>;
}

/** @param preserved of the ApplicationSet that owns the Application; undefined: nobody owns it */
async function world(preserved?: readonly string[]): Promise<World> {
  const clock = new VirtualClock();
  const transport = inProcessTransport(new ApiServer({ clock }));
  const create = (plural: string, body: object): Promise<unknown> =>
    transport.send({ method: "POST", path: `/apis/argoproj.io/v1alpha1/namespaces/argocd/${plural}`, body });
  await transport.send({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "argocd" } } });
  for (const kind of ["Application", "ApplicationSet"]) await serveKind(transport, { ...argoproj, kind });
  const kind = { apiVersion: "argoproj.io/v1alpha1", kind: "ApplicationSet" };
  const owner = preserved && { ...kind, name: "clinics", uid: "u" };
  if (preserved) {
    const spec = { preservedFields: { annotations: preserved } };
    await create("applicationsets", { ...kind, metadata: { name: "clinics" }, spec });
  }
  await create("applications", {
    ...kind,
    kind: "Application",
    metadata: { name: "onco", ...(owner ? { ownerReferences: [owner] } : {}) },
    status: { sync: { status: "OutOfSync", revision: "r2" } },
  });
  const run: World["run"] = async (given) => {
    const approved = approve("onco", { ...options, ...given }, { transport, clock });
    for (let step = 0; step < 60; step += 1) await clock.advance(100);
    return approved;
  };
  return { transport, clock, run };
}

/** As an ApplicationSet does a second after it has seen the change. */
function undoAfter({ clock, transport }: World, ms: number): void {
  const annotations = Object.fromEntries(keys.map((key) => [key, null]));
  clock.after(
    ms,
    () => void mergePatch(transport, { resource: applicationResource, name }, { metadata: { annotations } }),
  );
}

describe("walras carla approve", () => {
  it("R8: reads back the consent of the Application that is meant", async () => {
    const { transport, clock } = await world();
    const { namespace: _, ...anywhere } = options;
    for (const written of ["onco", "argocd/onco"]) {
      const approved = approve(written, anywhere, { transport, clock });
      for (let step = 0; step < 60; step += 1) await clock.advance(100);
      expect(await approved).toMatchObject({
        kept: true,
        warning: null,
        done: expect.stringMatching(/^argocd\/onco: revision r2/) as string,
      });
    }
  });

  it("R3: says that the consent is there when it is, and nothing more", async () => {
    const here = await world();
    expect(await here.run()).toEqual({
      done: expect.stringContaining("argocd/onco: revision r2 approved by dana until") as string,
      warning: null,
      kept: true,
    });
    const { metadata } = (await getObject(here.transport, applicationResource, name)) as {
      metadata: { annotations: Record<string, string> };
    };
    expect(Object.keys(metadata.annotations).toSorted()).toEqual(keys.toSorted());
  });

  it.each([
    ["does not preserve it", [] as string[], "has taken"],
    ["preserves only some of it", [keys[0]!], "has taken"],
  ])("R3: tells of an ApplicationSet that %s and has taken it away, and what to set", async (_, preserved, what) => {
    const here = await world(preserved);
    undoAfter(here, 1_000);
    const { kept, warning } = await here.run();
    expect(kept).toBe(false);
    expect(warning).toContain(`ApplicationSet argocd/clinics ${what} the annotations away`);
    expect(warning).toContain(`preservedFields:\n    annotations: [${keys.join(", ")}]`);
  });

  it("R3: warns of an ApplicationSet that has not come to it yet", async () => {
    const { kept, warning } = await (await world([])).run();
    expect([kept, warning]).toEqual([true, expect.stringContaining("may take the annotations away")]);
  });

  it("R3: does not warn of one that preserves it", async () => {
    expect(await (await world(keys)).run()).toMatchObject({ kept: true, warning: null });
  });

  it("R3: tells also of anybody else who takes it away", async () => {
    const here = await world();
    undoAfter(here, 2_000);
    expect(await here.run()).toMatchObject({ kept: false, warning: expect.stringContaining("somebody") as string });
  });

  it("revokes without waiting", async () => {
    const here = await world([]);
    await here.run();
    expect(await here.run({ revoke: true })).toEqual({
      done: "argocd/onco: approval revoked",
      warning: null,
      kept: true,
    });
  });
});
