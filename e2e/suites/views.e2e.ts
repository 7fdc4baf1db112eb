import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { outerAddress } from "../harness/address.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

let stage: Stage;
/** The ops port at an address that is not loopback, as from another pod. */
let url: string;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("views");
  const controller = await stage.programs.startController({ mode: "recommend", args: ["--ops-host=0.0.0.0"] });
  const port = /"opsPort":(\d+)/.exec(await controller.log())?.[1] ?? "";
  url = `http://${outerAddress()}:${port}`;
  await eventually(
    "readiness",
    async () => (await fetch(`${url}/readyz`)).status,
    (status) => status === 200,
  );
});

afterAll(async () => {
  if (!stage) return;
  for (const kind of ["clusterrole", "clusterrolebinding"])
    await stage.cluster.kubectl("delete", kind, "e2e-views", "--ignore-not-found");
  await stage.close();
});

async function statusFor(path: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return (await fetch(url + path, { headers })).status;
}

describe.skipIf(!inject("local"))("views that name pods", () => {
  it("are shown to those whom the API server lets read the path, and to nobody else", async () => {
    const { cluster, namespace } = stage;
    await cluster.kubectl("-n", namespace, "create", "serviceaccount", "reader");
    const token = await cluster.kubectl("-n", namespace, "create", "token", "reader");
    expect([await statusFor("/market"), await statusFor("/market", "no.such.token")]).toEqual([401, 401]);
    expect(await statusFor("/market", token)).toBe(403);
    await cluster.kubectl(
      "create",
      "clusterrole",
      "e2e-views",
      "--verb=get",
      "--non-resource-url=/market",
      "--non-resource-url=/history",
    );
    const subject = `--serviceaccount=${namespace}:reader`;
    await cluster.kubectl("create", "clusterrolebinding", "e2e-views", "--clusterrole=e2e-views", subject);
    await eventually(
      "the view",
      () => statusFor("/market", token),
      (status) => status === 200,
    );
    expect([await statusFor("/history", token), await statusFor("/metrics")]).toEqual([200, 200]);
  });
});
