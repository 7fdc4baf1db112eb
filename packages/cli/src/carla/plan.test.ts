import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { plan } from "./plan.ts";
import { printAnswer } from "./print.ts";

let folder: string;
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "carla-plan-"));
  writeFileSync(
    file("policy.yaml"),
    'windows: {timezone: Europe/Bucharest, allow: [{day: WEEKDAY, start: "20:00", end: "07:00"}, {day: WEEKEND, start: "00:00", end: "23:59"}]}\n',
  );
  writeFileSync(
    file("apps.yaml"),
    "apps: [{name: metallb, r_i: 1, d_i: 0, risk: 0}, {name: onco-app, r_i: 3, d_i: 2, risk: 1}, {name: far, r_i: 1, d_i: 0, risk: 2}]\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function decideOffline(state: object | string, now = "2026-03-29T02:30:00Z"): ReturnType<typeof plan> {
  writeFileSync(file("state.json"), typeof state === "string" ? state : JSON.stringify(state));
  return plan({ policy: file("policy.yaml"), apps: file("apps.yaml"), state: file("state.json"), now });
}

const pending = { sync: "OutOfSync", health: "Healthy" };

describe("walras carla plan, offline", () => {
  it("decides from a file; an application that is not in it is unknown", async () => {
    const usage = { cpu: 0.3, memory: 0.4 };
    const { answer, warnings } = await decideOffline({ usage, apps: { metallb: pending, far: pending } });
    expect(answer).toMatchObject({ allowedWindow: true, headroom: 0.4286, selected: ["metallb"] });
    expect(answer.held).toMatchObject({
      "onco-app": { reason: "unknown_state", score: 0.1667 },
      far: { reason: "high_risk_paused" },
    });
    expect(warnings).toEqual([]);
  });

  it("holds everything while usage is not known, and outside the window", async () => {
    const unknown = await decideOffline({ usage: { cpu: null, memory: 0.4 }, apps: { metallb: pending } });
    expect(unknown.answer).toMatchObject({
      headroom: null,
      selected: [],
      held: { metallb: { reason: "unknown_headroom" } },
    });
    const usage = { cpu: 0.1, memory: 0.1 };
    const closed = await decideOffline({ usage, apps: { metallb: pending } }, "2026-03-30T09:00:00Z");
    expect(closed.answer).toMatchObject({
      allowedWindow: false,
      held: { metallb: { reason: "outside_allowed_window" } },
    });
  });

  it("says when what a window or a freeze holds may go", async () => {
    const usage = { cpu: 0.1, memory: 0.1 };
    const closed = await decideOffline({ usage, apps: { metallb: pending } }, "2026-03-30T09:00:00Z");
    expect(closed.answer.held["metallb"]).toMatchObject({ nextOpen: "2026-03-30T17:00:00.000Z" });
    expect(printAnswer(closed.answer)).toContain("next open at 2026-03-30T17:00:00Z");
    const freezes = [{ until: "2026-03-29T06:00:00Z", except: ["onco-app"] }];
    const frozen = await decideOffline({ usage, freezes, apps: { metallb: pending, "onco-app": pending } });
    expect(frozen.answer).toMatchObject({
      selected: ["onco-app"],
      held: { metallb: { reason: "frozen", nextOpen: "2026-03-29T06:00:00.000Z" } },
    });
  });

  it("warns of names that are nobody's, and prints a table", async () => {
    const { answer, warnings } = await decideOffline({
      usage: { cpu: 0.1, memory: 0.1 },
      apps: { metalb: pending, metallb: pending },
    });
    expect(warnings).toEqual([expect.stringContaining("apps.metalb is not in")]);
    expect(printAnswer(answer)).toMatch(/^metallb +3\.00 +1\.00 +1\.00 +0\.00 +1\.00 +0\.00 +released$/m);
    expect(printAnswer(answer)).toContain("window open, headroom 0.846");
  });

  it("R8: tells applications of one name apart by namespace, and says where a name is not enough", async () => {
    writeFileSync(file("two.yaml"), "apps: [{name: a/web, risk: 0}, {name: b/web, risk: 0}, {name: far, risk: 0}]\n");
    const decided = (apps: object): ReturnType<typeof plan> => {
      writeFileSync(file("state.json"), JSON.stringify({ usage: { cpu: 0.1, memory: 0.1 }, apps }));
      const now = "2026-03-29T02:30:00Z";
      return plan({ policy: file("policy.yaml"), apps: file("two.yaml"), state: file("state.json"), now });
    };
    const { answer, warnings } = await decided({ "a/web": pending, "argocd/far": pending });
    expect(answer.selected.toSorted()).toEqual(["a/web", "far"]);
    expect(answer.held).toMatchObject({ "b/web": { reason: "unknown_state" } });
    expect(warnings).toEqual([]);
    await expect(decided({ web: pending })).rejects.toThrow(
      'state.json.apps: "web" may be a/web or b/web: write which',
    );
  });

  it("names what is wrong with the state, the time and the files", async () => {
    await expect(decideOffline({ usage: { cpu: "x" } })).rejects.toThrow(/state\.json\.usage\.cpu: "x" is not valid/);
    await expect(decideOffline({ apps: { metallb: { sync: "Sunk" } } })).rejects.toThrow(
      /apps\.metallb\.sync: "Sunk" is not valid/,
    );
    await expect(decideOffline("{")).rejects.toThrow(/state\.json: "\{" is not JSON/);
    await expect(decideOffline({}, "yesterday")).rejects.toThrow('--now: "yesterday" is not a time with a zone');
    await expect(
      plan({ policy: file("none.yaml"), apps: file("apps.yaml"), state: file("state.json") }),
    ).rejects.toThrow(/none\.yaml cannot be read/);
    await expect(
      plan({ policy: file("policy.yaml"), apps: file("apps.yaml"), now: "2026-03-29T02:30:00Z" }),
    ).rejects.toThrow(/argo\.base_url: is missing/);
  });
});
