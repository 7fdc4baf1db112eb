import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { afterEach, describe, expect, it } from "vitest";

import { ReviewedViewAccess } from "../ops/viewAccess.ts";
import { type DashboardAccess, dashboardPath, KubernetesAccess, TokenFileAccess } from "./access.ts";
import { FakeDashboardAccess } from "./testing/fakes.ts";

/** Dana may read the dashboard, Eve is somebody else of the cluster. */
function fromApiServer(): DashboardAccess {
  const clock = new VirtualClock();
  const api = new ApiServer({ clock });
  const audiences = ["https://kubernetes.default.svc.cluster.local"];
  for (const username of ["dana", "eve"]) api.tokens.register(`${username}-token`, { username, audiences });
  api.tokens.register("agent-token", { username: "dana", audiences: ["walras-controller"] });
  api.access.allow("dana", "get", dashboardPath);
  return new KubernetesAccess(new ReviewedViewAccess(inProcessTransport(api, "test"), clock));
}

const both: [string, () => DashboardAccess][] = [
  ["the API server", fromApiServer],
  ["its fake", () => new FakeDashboardAccess(["dana", "eve"], ["dana"])],
];

describe.each(both)("who may read the dashboard, by %s", (_, make) => {
  it("is whoever was granted its path", async () => {
    const access = make();
    expect(await access.review("dana-token")).toEqual({ verdict: "allowed", user: "dana" });
    expect(await access.review("eve-token")).toEqual({ verdict: "forbidden", user: "eve" });
  });

  it("is nobody whose token is not the cluster's, or for somebody else", async () => {
    const access = make();
    expect(await access.review("made-up")).toEqual({ verdict: "unauthenticated", user: null });
    expect(await access.review("agent-token")).toEqual({ verdict: "unauthenticated", user: null });
  });
});

describe("one token for all", () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-token-"));
  const file = join(folder, "token");

  afterEach(() => rmSync(file, { force: true }));

  it("is what the file says now", async () => {
    const access = new TokenFileAccess(file);
    writeFileSync(file, "first\n");
    expect((await access.review("first")).verdict).toBe("allowed");
    expect((await access.review("firs")).verdict).toBe("unauthenticated");
    writeFileSync(file, "second\n");
    expect((await access.review("first")).verdict).toBe("unauthenticated");
    expect((await access.review("second")).verdict).toBe("allowed");
  });

  it("lets nobody in while the file is empty, or gone", async () => {
    const access = new TokenFileAccess(file);
    writeFileSync(file, "\n");
    await expect(access.review("")).rejects.toThrow("is empty");
    rmSync(file);
    await expect(access.review("first")).rejects.toThrow("ENOENT");
  });
});
