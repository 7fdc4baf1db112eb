import { beforeEach, describe, expect, it } from "vitest";

import type { Action } from "../decide/snapshot.ts";
import { deployments } from "../testing/cluster.ts";
import { Workshop } from "./testing.ts";

let shop: Workshop;

beforeEach(() => {
  shop = new Workshop();
});

describe("classes of cache and power profiles", () => {
  const profiles = ["None", "power.intel.com/balance-power1", "power.intel.com/performance1"];
  const actuators = {
    configureRDT: { annotation_name: "rdt.resources.beta.kubernetes.io/pod" },
    setPowerProfile: { options: profiles, step_down: 1 },
  };
  const rdt = (option: string): Action => ({ name: "configureRDT", properties: { option } });
  const power = (profile: string): Action => ({ name: "setPowerProfile", properties: { profile } });

  beforeEach(() => shop.cluster.deploy("web", { requests: { cpu: "1500m" }, limits: { cpu: "1500m" } }));

  it("are an annotation of the template, and none for None", async () => {
    const fitted = shop.fit({ actuators });
    expect(await shop.run(fitted, shop.seen("web"), [rdt("COS1")])).toMatchObject({ verdict: "Done" });
    expect(shop.template("web").metadata?.annotations).toEqual({ "rdt.resources.beta.kubernetes.io/pod": "COS1" });
    await shop.cluster.pass(60);
    await shop.run(fitted, shop.seen("web"), [rdt("None")]);
    expect(shop.template("web").metadata?.annotations ?? {}).toEqual({});
  });

  it("are an extended resource of as many as there are cores, in place of the one before", async () => {
    const fitted = shop.fit({ actuators });
    for (const profile of profiles.slice(1)) {
      expect(await shop.run(fitted, shop.seen("web"), [power(profile)])).toMatchObject({ verdict: "Done" });
      const { requests, limits } = shop.template("web").spec.containers[0]?.resources ?? {};
      expect([requests, limits]).toEqual([
        { cpu: "1500m", [profile]: "2" },
        { cpu: "1500m", [profile]: "2" },
      ]);
      await shop.cluster.pass(60);
    }
    await shop.revert(fitted, "web");
    expect(shop.template("web").spec.containers[0]?.resources?.["requests"]).toEqual({
      cpu: "1500m",
      [profiles[1] ?? ""]: "2",
    });
  });

  it("are refused where they are none of the options", async () => {
    expect(await shop.run(shop.fit({ actuators }), shop.seen("web"), [rdt("COS9")])).toMatchObject({
      verdict: "Refused",
    });
  });

  it("are left where somebody has changed the template since", async () => {
    const fitted = shop.fit({ actuators });
    await shop.run(fitted, shop.seen("web"), [rdt("COS1")]);
    await shop.cluster.patch(deployments, "web", { spec: { template: { metadata: { annotations: { by: "me" } } } } });
    expect(await shop.revert(fitted, "web")).toMatchObject({ verdict: "LeftHalfDone" });
    expect(shop.template("web").metadata?.annotations).toMatchObject({ by: "me" });
  });
});
