import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { type AgentIdentity, AuthenticationError, type Credentials } from "./authenticator.ts";
import { agentLimits } from "../../bounds/agentLimits.ts";
import { Reviewing } from "./reviewing.ts";

const credentials: Credentials = { token: "t", certificateName: "", claimedNode: "n" };

function reviewed(answer: () => Promise<AgentIdentity>) {
  const clock = new VirtualClock();
  const refusals: unknown[] = [];
  let reviews = 0;
  const authenticate = (): Promise<AgentIdentity> => {
    reviews += 1;
    return answer();
  };
  const reviewing = new Reviewing({ authenticate }, credentials, clock, (error) => refusals.push(error));
  return { clock, refusals, reviewing, reviews: () => reviews };
}

describe("a live stream's token", () => {
  it("is reviewed when it ends, and the stream with it", async () => {
    const refusal = new AuthenticationError("expired");
    const { clock, refusals, reviewing } = reviewed(() => Promise.reject(refusal));
    reviewing.follow({ node: "n", reviewInMs: 5_000 });
    await clock.advance(4_999);
    expect(refusals).toEqual([]);
    await clock.advance(1);
    expect(refusals).toEqual([refusal]);
    await clock.advance(agentLimits.reviewGraceMs);
    expect(refusals).toEqual([refusal]);
  });

  it("is reviewed again and again while it holds", async () => {
    const { clock, refusals, reviewing, reviews } = reviewed(() => Promise.resolve({ node: "n", reviewInMs: 5_000 }));
    reviewing.follow({ node: "n", reviewInMs: 5_000 });
    await clock.advance(15_000);
    expect([reviews(), refusals]).toEqual([3, []]);
    reviewing.stop();
    await clock.advance(15_000);
    expect(reviews()).toBe(3);
  });

  it("keeps the stream for a while where the API server cannot say", async () => {
    const away = new Error("away");
    const { clock, refusals, reviewing } = reviewed(() => Promise.reject(away));
    reviewing.follow({ node: "n", reviewInMs: 1_000 });
    await clock.advance(agentLimits.reviewGraceMs);
    expect(refusals).toEqual([]);
    await clock.advance(1_000 + agentLimits.reviewRetryMs);
    expect(refusals).toEqual([away]);
  });

  it("is not reviewed where what was shown does not end", async () => {
    const { clock, reviewing, reviews } = reviewed(() => Promise.resolve({ node: "n" }));
    reviewing.follow({ node: "n" });
    await clock.advance(86_400_000);
    expect(reviews()).toBe(0);
  });
});
