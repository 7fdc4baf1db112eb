import { silentLogger } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import type { Nomination } from "../decide/preempt/nomination.ts";
import { schedPodOf } from "../decide/preempt/testing.ts";
import { Preemptor, type PreemptPort } from "./preemptor.ts";

const nominationOf = (name: string, ...victims: readonly string[]): Nomination => ({
  pod: schedPodOf(name, { priority: 5 }),
  node: "n",
  devices: [],
  victims: victims.map((victim) => schedPodOf(victim)),
  by: "priority",
});

let calls: string[];
let refused: ReadonlySet<string>;
let outdated: (nomination: Nomination) => string | null;

const answer = (call: string): Promise<boolean> => {
  calls.push(call);
  return refused.has(call) ? Promise.resolve(false) : Promise.resolve(true);
};

const port: PreemptPort = {
  mayEvict: ({ name }) => answer(`ask ${name}`),
  evict: ({ name }) => answer(`evict ${name}`),
  nominate: async ({ name }, node) => {
    await answer(`nominate ${name} ${node}`);
  },
};

function make(...nominations: readonly Nomination[]): Promise<string | null> {
  const preemptor = new Preemptor({
    port,
    outdated: (nomination) => outdated(nomination),
    evicted: ({ name }) => calls.push(`told ${name}`),
    logger: silentLogger,
  });
  return preemptor.makeRoom(nominations);
}

beforeEach(() => {
  calls = [];
  refused = new Set();
  outdated = () => null;
});

describe("making room", () => {
  it("asks for all of a gang's before anybody is evicted, and nominates before that", async () => {
    expect(await make(nominationOf("g-0", "x", "y"), nominationOf("g-1", "z"))).toBeNull();
    expect(calls.slice(0, 5)).toEqual(["ask x", "ask y", "ask z", "nominate g-0 n", "nominate g-1 n"]);
    expect(calls.slice(5)).toEqual(["evict x", "told x", "evict y", "told y", "evict z", "told z"]);
  });

  it("evicts nobody where one of them may not go", async () => {
    refused = new Set(["ask z"]);
    expect(await make(nominationOf("g-0", "x", "y"), nominationOf("g-1", "z"))).toBe(
      "a budget does not let default/z go now",
    );
    expect(calls).toEqual(["ask x", "ask y", "ask z"]);
  });

  it("stops where it would be in vain by now, or a budget is used up meanwhile", async () => {
    outdated = () => (calls.includes("evict x") ? "it would not fit after that" : null);
    expect(await make(nominationOf("p", "x", "y"))).toBe("it would not fit after that");
    expect(calls).not.toContain("evict y");
    outdated = () => null;
    refused = new Set(["evict x"]);
    calls = [];
    expect(await make(nominationOf("p", "x", "y"))).toBe("a budget does not let default/x go now");
    expect(calls).toEqual(["ask x", "ask y", "nominate p n", "evict x"]);
  });

  it("says what went wrong where a call fails", async () => {
    outdated = () => {
      throw new Error("no connection");
    };
    expect(await make(nominationOf("p", "x"))).toContain("no connection");
  });
});
