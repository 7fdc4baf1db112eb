import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { ReleaseConfig } from "./policy.ts";
import { ReleaseConfigError } from "./problems.ts";
import { files, readerOf } from "./testing/readTexts.ts";
import { ConfigWatcher } from "./watcher.ts";

const policyOf = (seconds: string): string => `argo: {base_url: "https://argocd"}\ntick: {seconds: ${seconds}}\n`;

/** A watcher over texts that a test may change, and what it told. */
function watched(first: Readonly<Record<string, string>>): {
  texts: Record<string, string>;
  clock: VirtualClock;
  configs: ReleaseConfig[];
  changes: (readonly string[] | null)[];
  errors: string[];
  watcher: ConfigWatcher;
} {
  const texts: Record<string, string> = { ...first };
  const clock = new VirtualClock(Date.UTC(2026, 5, 1));
  const configs: ReleaseConfig[] = [];
  const changes: (readonly string[] | null)[] = [];
  const errors: string[] = [];
  const watcher = new ConfigWatcher({
    files,
    readText: (file) => readerOf(texts)(file),
    clock,
    onConfig: (config, change) => {
      configs.push(config);
      changes.push(change);
    },
    onError: (error) => errors.push(error.message),
  });
  return { texts, clock, configs, changes, errors, watcher };
}

const good = { "carla_policy.yaml": policyOf("30"), "apps.yaml": "apps: [{name: a}]" };

describe("a watched configuration", () => {
  it("is told at the start and again when it changes", async () => {
    const { texts, clock, configs, errors, watcher } = watched(good);
    watcher.start();
    expect(configs.map(({ policy }) => policy.tickMs)).toEqual([30_000]);
    await clock.advance(60_000);
    expect(configs).toHaveLength(1);
    texts["carla_policy.yaml"] = policyOf("10");
    await clock.advance(2000);
    expect(configs.map(({ policy }) => policy.tickMs)).toEqual([30_000, 10_000]);
    texts["apps.yaml"] = "apps: [{name: a}, {name: b}]";
    await clock.advance(2000);
    expect(configs.at(-1)?.apps.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(errors).toEqual([]);
  });

  it("R7: is told with what changed since the one in force, whatever was refused in between", async () => {
    const { texts, clock, changes, watcher } = watched(good);
    watcher.start();
    texts["carla_policy.yaml"] = policyOf("never");
    await clock.advance(2000);
    texts["carla_policy.yaml"] = `${policyOf("20")}telemetry: {prometheus_url: "http://p:9090"}\n`;
    texts["apps.yaml"] = "apps: [{name: a, risk: 2}]";
    await clock.advance(2000);
    expect(changes).toEqual([
      null,
      ["tick.seconds: 30 → 20", 'telemetry.prometheus_url: (none) → "http://p:9090"', "apps[a].risk: (none) → 2"],
    ]);
  });

  it("stays when the files get bad, and is complained of once for each bad content", async () => {
    const { texts, clock, configs, errors, watcher } = watched(good);
    watcher.start();
    texts["carla_policy.yaml"] = policyOf("never");
    await clock.advance(20_000);
    expect(errors).toEqual(['carla_policy.yaml:2 tick.seconds: "never" is not a number']);
    texts["carla_policy.yaml"] = policyOf("-1");
    await clock.advance(20_000);
    expect(errors).toHaveLength(2);
    expect(configs).toHaveLength(1);
    texts["carla_policy.yaml"] = policyOf("20");
    await clock.advance(20_000);
    expect(configs.map(({ policy }) => policy.tickMs)).toEqual([30_000, 20_000]);
    expect(errors).toHaveLength(2);
  });

  it("survives files that vanish and come back", async () => {
    const { texts, clock, configs, errors, watcher } = watched(good);
    watcher.start();
    delete texts["apps.yaml"];
    await clock.advance(20_000);
    expect(errors).toEqual(["apps.yaml cannot be read (ENOENT: no such file, open 'apps.yaml')"]);
    texts["apps.yaml"] = "apps: [{name: back}]";
    await clock.advance(2000);
    expect(configs.at(-1)?.apps[0]?.name).toBe("back");
  });

  it("is read again when a holiday file changes", async () => {
    const event = (date: string): string =>
      `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:${date}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`;
    const { texts, clock, configs, watcher } = watched({
      ...good,
      "carla_policy.yaml": `${policyOf("30")}windows: {holidays: {ics: [ro.ics]}}\n`,
      "ro.ics": event("20261225"),
    });
    watcher.start();
    texts["ro.ics"] = event("20261226");
    await clock.advance(2000);
    expect(configs.map(({ policy }) => [...policy.calendar.holidays])).toEqual([["2026-12-25"], ["2026-12-26"]]);
  });

  it("does not start bad", () => {
    const { configs, watcher } = watched({ ...good, "carla_policy.yaml": policyOf("never") });
    expect(() => watcher.start()).toThrow(ReleaseConfigError);
    expect(configs).toEqual([]);
  });

  it("is no longer read once stopped", async () => {
    const { texts, clock, configs, watcher } = watched(good);
    watcher.start();
    await watcher.stop();
    texts["carla_policy.yaml"] = policyOf("10");
    await clock.advance(60_000);
    expect(configs).toHaveLength(1);
  });
});
