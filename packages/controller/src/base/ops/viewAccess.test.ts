import { VirtualClock } from "@walras/kit";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { describe, expect, it } from "vitest";

import { opsLimits } from "../bounds/opsLimits.ts";
import { FakeViewAccess } from "./testing.ts";
import { ReviewedViewAccess, type ViewAccess } from "./viewAccess.ts";

/** Dana may read /market, Eve is somebody else; both have tokens. */
function fromApiServer(): { access: ViewAccess; api: ApiServer; clock: VirtualClock } {
  const clock = new VirtualClock();
  const api = new ApiServer({ clock });
  const audiences = ["https://kubernetes.default.svc.cluster.local"];
  for (const username of ["dana", "eve"]) api.tokens.register(`${username}-token`, { username, audiences });
  api.tokens.register("agent-token", { username: "dana", audiences: ["walras-controller"] });
  api.access.allow("dana", "get", "/market");
  return { access: new ReviewedViewAccess(inProcessTransport(api, "test"), clock), api, clock };
}

const both: [string, () => ViewAccess][] = [
  ["the API server", () => fromApiServer().access],
  ["its fake", () => new FakeViewAccess({ "dana-token": ["/market"], "eve-token": [] })],
];

describe.each(both)("who may read a view, by %s", (_, make) => {
  it("is whoever was granted the path", async () => {
    const access = make();
    expect(await access.mayRead("dana-token", "/market")).toBe("allowed");
    expect(await access.mayRead("dana-token", "/other")).toBe("forbidden");
    expect(await access.mayRead("eve-token", "/market")).toBe("forbidden");
  });

  it("is nobody whose token is not the cluster's, or for another audience", async () => {
    const access = make();
    expect(await access.mayRead("made-up", "/market")).toBe("unauthenticated");
    expect(await access.mayRead("agent-token", "/market")).toBe("unauthenticated");
  });
});

describe("the API server", () => {
  it("is asked again after a while, and an answer it does not give is not one", async () => {
    const { access, api, clock } = fromApiServer();
    expect(await access.mayRead("eve-token", "/market")).toBe("forbidden");
    api.access.allow("eve", "get", "/market");
    expect(await access.mayRead("eve-token", "/market")).toBe("forbidden");
    await clock.advance(opsLimits.accessRememberedMs);
    api.faults.rejectNext(1, { status: 503 });
    await expect(access.mayRead("eve-token", "/market")).rejects.toThrow();
    expect(await access.mayRead("eve-token", "/market")).toBe("allowed");
  });
});
