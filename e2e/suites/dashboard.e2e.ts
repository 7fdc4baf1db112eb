import { dashboardMe, dashboardSummary } from "@walras/api";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { startLoad } from "../harness/load.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

let stage: Stage;
let url: string;
let log: () => Promise<string>;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("dashboard");
  const args = ["--dashboard=kubernetes", "--dashboard-port=0"];
  const controller = await stage.programs.startController({ mode: "recommend", args });
  log = () => controller.log();
  const port = /"dashboardPort":(\d+)/.exec(await log())?.[1] ?? "";
  url = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  if (!stage) return;
  for (const kind of ["clusterrole", "clusterrolebinding"])
    await stage.cluster.kubectl("delete", kind, "e2e-dashboard", "--ignore-not-found");
  await stage.close();
});

async function answerTo(path: string, token?: string): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${url}/api/${path}`, { headers });
}

async function statusFor(path: string, token?: string): Promise<number> {
  const answer = await answerTo(path, token);
  await answer.arrayBuffer();
  return answer.status;
}

describe.skipIf(!inject("local"))("the dashboard", () => {
  it("is shown to those whom the API server lets get its path, and to nobody else, who is logged", async () => {
    const { cluster, namespace } = stage;
    const tokenOf = async (name: string): Promise<string> => {
      await cluster.kubectl("-n", namespace, "create", "serviceaccount", name);
      return cluster.kubectl("-n", namespace, "create", "token", name);
    };
    const [reader, stranger] = [await tokenOf("reader"), await tokenOf("stranger")];
    const elsewhere = await cluster.kubectl("-n", namespace, "create", "token", "reader", "--audience=elsewhere");
    await cluster.kubectl(
      "create",
      "clusterrole",
      "e2e-dashboard",
      "--verb=get",
      "--non-resource-url=/walras/dashboard",
    );
    const subject = `--serviceaccount=${namespace}:reader`;
    await cluster.kubectl("create", "clusterrolebinding", "e2e-dashboard", "--clusterrole=e2e-dashboard", subject);
    await eventually(
      "the dashboard",
      () => statusFor("me", reader),
      (status) => status === 200,
    );
    expect([await statusFor("summary"), await statusFor("summary", "no.such.token")]).toEqual([401, 401]);
    expect([await statusFor("summary", elsewhere), await statusFor("summary", stranger)]).toEqual([401, 403]);
    expect(await statusFor("events", stranger)).toBe(403);
    expect(await log()).toContain(
      `"user":"system:serviceaccount:${namespace}:stranger","path":"/api/summary","code":403`,
    );
    expect(await log()).not.toContain(stranger);
    const me = dashboardMe.parse(await (await answerTo("me", reader)).json());
    expect(me).toMatchObject({
      user: `system:serviceaccount:${namespace}:reader`,
      access: "kubernetes",
      parts: ["market"],
    });
    await startLoad(cluster, { namespace, name: "app", node: "node1", cores: 0, request: "100m", limit: "200m" });
    const { strip } = await eventually(
      "what the pod was promised",
      async () => dashboardSummary.parse(await (await answerTo("summary", reader)).json()),
      (summary) => (summary.strip.promisedMilli ?? 0) >= 100,
    );
    expect(strip.nodes).toBeGreaterThan(0);
    await cluster.kubectl("-n", namespace, "delete", "serviceaccount", "reader");
    await eventually(
      "the token of an account that is gone to be refused",
      () => statusFor("me", reader),
      (status) => status === 401,
    );
  });
});
