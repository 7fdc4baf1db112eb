import { readFreeze } from "@walras/controller/carla";
import { VirtualClock } from "@walras/kit";
import { getObject, type KubeTransport, resources } from "@walras/kube";
import { ApiServer, inProcessTransport, serveKind } from "@walras/sim/apiserver";
import { describe, expect, it } from "vitest";

import { freeze, type FreezeOptions, unfreeze } from "./freeze.ts";

const nowMs = Date.parse("2026-12-24T12:00:00Z");
const options: FreezeOptions = { namespace: "carla", except: [], inFlight: "continue", by: "dana" };

async function world(): Promise<{ transport: KubeTransport; clock: VirtualClock; text: () => Promise<string> }> {
  const clock = new VirtualClock(nowMs);
  const transport = inProcessTransport(new ApiServer({ clock }));
  await transport.send({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "carla" } } });
  const text = async (): Promise<string> => {
    const lease = await getObject(transport, resources.lease, { namespace: "carla", name: "carla-freeze" });
    return (lease as { metadata: { annotations: Record<string, string> } }).metadata.annotations["carla.ops/freeze"]!;
  };
  return { transport, clock, text };
}

describe("walras carla freeze", () => {
  it.each<[string, Partial<FreezeOptions>, object, string]>([
    ["until it is lifted", {}, { untilMs: null, by: "dana" }, "releases are frozen until walras carla unfreeze"],
    [
      "until a time",
      { until: "2026-12-27T06:00:00+02:00" },
      { untilMs: Date.parse("2026-12-27T04:00:00Z") },
      "releases are frozen until 2026-12-27T04:00:00.000Z",
    ],
    [
      "for a while",
      { until: "2h", reason: "audit" },
      { untilMs: nowMs + 7_200_000, by: "dana: audit" },
      "releases are frozen until 2026-12-24T14:00:00.000Z",
    ],
    [
      "with exceptions, ending what is in flight",
      { except: ["a", "b"], inFlight: "end" },
      { except: new Set(["a", "b"]), inFlight: "end" },
      "releases are frozen until walras carla unfreeze, except a, b; what is in flight is ended",
    ],
  ])("writes one %s", async (_, given, expected, said) => {
    const here = await world();
    expect(await freeze({ ...options, ...given }, here)).toBe(said);
    expect(readFreeze(await here.text(), "carla")).toMatchObject({ fromMs: nowMs, ...expected });
  });

  it("R8: has exceptions by name where one Application has it, or by namespace and name", async () => {
    const here = await world();
    await serveKind(here.transport, { group: "argoproj.io", version: "v1alpha1", kind: "Application" });
    for (const namespace of ["team-a", "team-b"]) {
      await here.transport.send({
        method: "POST",
        path: "/api/v1/namespaces",
        body: { metadata: { name: namespace } },
      });
      const path = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}/applications`;
      const body = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: { name: "web" } };
      await here.transport.send({ method: "POST", path, body });
    }
    await expect(freeze({ ...options, except: ["web"] }, here)).rejects.toThrow(
      'application: "web" may be team-a/web or team-b/web: write which',
    );
    await freeze({ ...options, except: ["team-b/web"] }, here);
    expect(readFreeze(await here.text(), "carla").except).toEqual(new Set(["team-b/web"]));
  });

  it("takes the place of the one before, and is lifted, also where it cannot be read", async () => {
    const here = await world();
    await freeze(options, here);
    await freeze({ ...options, by: "eve" }, here);
    expect(await unfreeze("carla", here)).toBe("unfrozen (it was of eve)");
    expect(await unfreeze("carla", here)).toBe("no freeze is in force");
    await freeze(options, here);
    const path = "/apis/coordination.k8s.io/v1/namespaces/carla/leases/carla-freeze";
    const body = { metadata: { annotations: { "carla.ops/freeze": "by hand" } } };
    await here.transport.send({ method: "PATCH", path, body, contentType: "application/merge-patch+json" });
    expect(await unfreeze("carla", here)).toBe("unfrozen (it was of nobody knows whom)");
  });

  it.each<[Partial<FreezeOptions>, string]>([
    [{ until: "tomorrow" }, "--until"],
    [{ until: "2026-12-25T06:00:00" }, '--until: "2026-12-25T06:00:00" is not a time with a zone'],
    [{ until: "2026-12-24T11:00:00Z" }, "is past"],
  ])("refuses %o", async (given, complaint) => {
    await expect(freeze({ ...options, ...given }, await world())).rejects.toThrow(complaint);
  });
});
