import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { readReleaseConfig } from "./read.ts";
import { readTexts } from "./testing/readTexts.ts";
import { shippedApps, shippedPolicy } from "./testing/shipped.ts";

describe("the prototype's files", () => {
  it("are read as they are", () => {
    const { policy, apps, warnings } = readTexts(shippedPolicy, shippedApps("[]"), { requireArgo: true });
    expect(warnings).toEqual([]);
    expect(policy).toMatchObject({
      cpuWatermark: 0.65,
      memoryWatermark: 0.7,
      minHeadroom: 0.2,
      rmax: 6,
      maxParallel: 2,
      rolloutAlpha: 0.2,
      pauseHighRisk: true,
      lowHeadroomTicksToPause: 3,
      overrideMs: 2_700_000,
      tickMs: 30_000,
      decisionsCsv: "/data/carla_runs/decisions.csv",
      rolloutsCsv: "/data/carla_runs/rollouts.csv",
      logLevel: "info",
    });
    expect(policy.weights).toEqual({
      alphaDepth: 1,
      betaInverseResource: 1,
      gammaRisk: 1.5,
      deltaWindow: 1,
      waitPerHour: 0.1,
    });
    expect(policy.argo).toEqual({
      baseUrl: "https://ARGOCD.DOMAIN",
      tokenEnv: "ARGO_TOKEN",
      tokenFile: null,
      verifyTls: true,
      caFile: null,
      appNamespace: "argocd",
      pinRevision: true,
    });
    expect(policy.calendar).toEqual({
      zone: "Europe/Bucharest",
      allow: [
        { kind: "weekly", days: ["WEEKDAY"], startMinute: 1200, endMinute: 420 },
        { kind: "weekly", days: ["WEEKEND"], startMinute: 0, endMinute: 1440 },
      ],
      block: [],
      holidays: new Set(),
      holidayAs: "WEEKEND",
    });
    const rest = { namespace: null, windowFit: null, dependsOn: [], prune: false, calendar: policy.calendar };
    expect(apps).toEqual([
      { name: "metallb", r: 1, depth: 0, risk: 0, ...rest },
      { name: "grafana-lgtm", r: 4.5, depth: 2, risk: 1, ...rest },
      { name: "onco-app", r: 3, depth: 2, risk: 1, ...rest },
      { name: "grafana-dashboards", r: 1, depth: 1, risk: 0, ...rest },
    ]);
  });

  it("with revisions to toggle are read with a warning for each application", () => {
    const { warnings } = readTexts(shippedPolicy, shippedApps('["revA", "revB"]'));
    expect(warnings).toHaveLength(4);
    expect(warnings[0]).toBe(
      'apps.yaml:6 apps[0].toggleRevisions: ["revA","revB"] is ignored: revisions come from the Application',
    );
  });

  it("have the values that empty files stand for", () => {
    const shipped = readTexts(shippedPolicy).policy;
    const { policy, apps } = readTexts("", "apps: [{name: a}]");
    expect(policy).toEqual({ ...shipped, argo: { ...shipped.argo, baseUrl: "" } });
    expect(apps[0]).toMatchObject({ name: "a", r: 1.5, depth: 1, risk: 1 });
  });
});

it("the examples are right, and say what the defaults are", () => {
  const path = (name: string): string =>
    fileURLToPath(new URL(`../../../../../../deploy/examples/carla/${name}`, import.meta.url));
  const { policy, warnings, apps } = readReleaseConfig(
    { policyFile: path("carla_policy.yaml"), appsFile: path("apps.yaml") },
    { readText: (file) => readFileSync(file, "utf8"), requireArgo: true, today: "2026-06-01" },
  );
  expect(warnings).toEqual([]);
  expect(apps.map(({ name }) => name)).toEqual(["metallb", "grafana-lgtm", "onco-app", "grafana-dashboards"]);
  const byDefault = readTexts("").policy;
  const { holidays } = policy.calendar;
  expect(policy).toEqual({
    ...byDefault,
    argo: { ...byDefault.argo, baseUrl: "https://argocd.example.org" },
    calendar: { ...byDefault.calendar, holidays },
  });
});

describe("keys of ours", () => {
  it("are read in the units they name", () => {
    const { policy } = readTexts(`
weights: {epsilon_wait: 0.2}
risk: {high: 1, large_diff: 1, large_diff_fields: 10, sensitive_kind: 2, sensitive_kinds: [Job], failure: 3, failure_half_life_hours: 4, most_added: 5}
rollout: {timeout_seconds: 1, healthy_hold_seconds: 2, degraded_grace_seconds: 3, rollback: yes, backoff_first_seconds: 4, backoff_max_seconds: 5}
tick: {starvation_hours: 2}
argo: {base_url: "http://127.0.0.1:8083/", token_file: /t, ca_file: /ca.pem, app_namespace: cd, pin_revision: false, verify_tls: off}
telemetry: {prometheus_url: "http://p:9090", prometheus_token_file: /t, prometheus_ca_file: /ca, cpu_query: a, memory_query: b}
logging: {level: WARNING}
`);
    expect(policy.weights.waitPerHour).toBe(0.2);
    expect(policy.risk).toEqual({
      high: 1,
      largeDiff: 1,
      largeDiffFields: 10,
      sensitiveKind: 2,
      sensitiveKinds: new Set(["Job"]),
      failure: 3,
      failureHalfLifeHours: 4,
      mostAdded: 5,
    });
    expect(policy.rollout).toEqual({
      timeoutMs: 1000,
      healthyHoldMs: 2000,
      degradedGraceMs: 3000,
      rollback: true,
      prune: false,
      backoffFirstMs: 4000,
      backoffMaxMs: 5000,
    });
    expect(policy.starvationMs).toBe(7_200_000);
    expect(policy.argo).toEqual({
      baseUrl: "http://127.0.0.1:8083",
      tokenEnv: "ARGO_TOKEN",
      tokenFile: "/t",
      verifyTls: false,
      caFile: "/ca.pem",
      appNamespace: "cd",
      pinRevision: false,
    });
    expect(policy.telemetry).toEqual({
      isAssumed: false,
      preferMetricsApi: true,
      prometheus: { url: "http://p:9090", tokenFile: "/t", caFile: "/ca" },
      cpuQuery: "a",
      memoryQuery: "b",
    });
    expect(policy.logLevel).toBe("warn");
  });

  it("of applications are read, in both spellings of dependsOn", () => {
    const { apps } = readTexts(
      "",
      `apps:
  - {name: a, namespace: one, window_fit: 0.5, risk: 1.5}
  - {name: b, dependsOn: [a]}
  - {name: c, depends_on: [a, b]}
defaults: {namespace: two}
`,
    );
    expect(
      apps.map(({ namespace, windowFit, risk, dependsOn }) => ({ namespace, windowFit, risk, dependsOn })),
    ).toEqual([
      { namespace: "one", windowFit: 0.5, risk: 1.5, dependsOn: [] },
      { namespace: "two", windowFit: null, risk: 1, dependsOn: ["a"] },
      { namespace: "two", windowFit: null, risk: 1, dependsOn: ["a", "b"] },
    ]);
  });
});

describe("R15: a key that is not known", () => {
  const night = 'day: MON, start: "20:00", end: "23:00"';

  it.each([
    [`windows: {blok: [{${night}}]}`, "windows.blok", "block"],
    [`windows: {Block: [{${night}}]}`, "windows.Block", "block"],
    ["windows: {blok: }", "windows.blok", "block"],
    ["windows: {freeze_all: [sat]}", "windows.freeze_all", null],
    ["window: {block: []}", "window", "windows"],
    [`windows: {allow: [{${night}, dayz: [SUN]}]}`, "windows.allow[0].dayz", "day"],
    ["windows: {holidays: {date: [2026-12-25]}}", "windows.holidays.date", "dates"],
    ["windows: {clinics: {north: {time_zone: UTC}}}", "windows.clinics.north.time_zone", "timezone"],
    ["windows: {clinics: {north: {holidays: {ass: BLOCKED}}}}", "windows.clinics.north.holidays.ass", "as"],
    ["human_in_the_loop: {pause_hi_risk: true}", "human_in_the_loop.pause_hi_risk", "pause_high_risk"],
    ["thresholds: {cpu_watermrk: 0.5}", "thresholds.cpu_watermrk", "cpu_watermark"],
    ["resources: {rmax: 2}", "resources.rmax", "Rmax"],
    ["tick: {max_paralel_triggers: 1}", "tick.max_paralel_triggers", "max_parallel_triggers"],
    ["risk: {hihg: 1}", "risk.hihg", "high"],
    ["rollout: {healthy_hold: 60}", "rollout.healthy_hold", "healthy_hold_seconds"],
    ["ema: {alpha: 1}", "ema.alpha", "rollout_alpha"],
    ["telemetry: {cpu_qery: up}", "telemetry.cpu_qery", "cpu_query"],
    ["argo: {app_namspace: cd}", "argo.app_namspace", "app_namespace"],
  ])("is refused in %j", (policy, path, nearest) => {
    const meant = nearest === null ? "is not a known key$" : `is not a known key; did you mean ${nearest}\\?$`;
    const where = path.replaceAll(/[.[\]]/g, "\\$&");
    expect(() => readTexts(policy)).toThrow(new RegExp(`^carla_policy.yaml:1 ${where}: .*${meant}`, "m"));
  });

  it.each([
    ["apps: [{name: a, r: 1}]", "apps[0].r", "r_i"],
    ["apps: [{name: a, clinik: north}]", "apps[0].clinik", "clinic"],
    ["apps: [{name: a, dependson: [b]}, {name: b}]", "apps[0].dependson", "dependsOn"],
    ["apps: [{name: a, windows: {blocks: []}}]", "apps[0].windows.blocks", "block"],
    ["apps: [{name: a}]\ndefault: {risk: 2}", "default", "defaults"],
    ["apps: [{name: a}]\ndefaults: {rsk: 2}", "defaults.rsk", "risk"],
  ])("is refused in %j", (apps, path, nearest) => {
    expect(() => readTexts("", apps)).toThrow(`${path}: `);
    expect(() => readTexts("", apps)).toThrow(`is not a known key; did you mean ${nearest}?`);
  });

  it.each([
    ['" ": 1', '" ": 1 is not a known key'],
    ['"": 1', '"": 1 is not a known key'],
    ['"a\\nb": 1', '"a\\nb": 1 is not a known key'],
    ['windows: {"blok }": 1}', 'windows."blok }": 1 is not a known key'],
  ])("is told in one line, whatever it is: %j", (policy, told) => {
    expect(() => readTexts(policy)).toThrow(told);
  });

  it("is a warning where it neither opens a window nor begins a release", () => {
    expect(readTexts("weights: {alpha_dept: 1}\nlogging: {levl: DEBUG}").warnings).toEqual([
      "carla_policy.yaml:1 weights.alpha_dept: 1 is not a known key; did you mean alpha_depth?",
      'carla_policy.yaml:2 logging.levl: "DEBUG" is not a known key; did you mean level?',
    ]);
  });

  it("is the user's own where it begins with x-, and so are notes", () => {
    const policy = `x-night: &night {${night}}\nnotes: [ours]\nwindows: {x-why: audit, block: [*night]}`;
    const { warnings, policy: read } = readTexts(policy, "apps: [{name: a, x-owner: team-a}]\nnotes: {see: wiki}");
    expect(warnings).toEqual([]);
    expect(read.calendar.block).toHaveLength(1);
  });
});

describe("R10: numbers that are written as text", () => {
  /** Every number of both files in quotes. */
  const quoted = (text: string): string => text.replaceAll(/: +(-?[\d.]+)(?=\s|$)/gm, ': "$1"');

  it("are the prototype's numbers all the same", () => {
    const asText = readTexts(quoted(shippedPolicy), quoted(shippedApps("[]")));
    expect(quoted(shippedPolicy)).toContain('Rmax: "6.0"');
    expect(asText).toEqual(readTexts(shippedPolicy, shippedApps("[]")));
  });

  it("may be written for each key of ours", () => {
    const example = (name: string): string =>
      readFileSync(fileURLToPath(new URL(`../../../../../../deploy/examples/carla/${name}`, import.meta.url)), "utf8");
    const [policy, apps] = [example("carla_policy.yaml"), example("apps.yaml")];
    expect(readTexts(quoted(policy), quoted(apps))).toEqual(readTexts(policy, apps));
    expect(
      readTexts("", 'apps: [{name: a, r_i: " 1_0.50 ", d_i: "2", risk: "1e0", window_fit: ".5"}]').apps[0],
    ).toEqual(expect.objectContaining({ r: 10.5, depth: 2, risk: 1, windowFit: 0.5 }));
  });

  it.each(["", "x", "1,5", "0x10", "1.2.3", "NaN", "Infinity", "1e999", "--1", "_1"])("%j is none", (written) => {
    expect(() => readTexts("", `apps: [{name: a, r_i: ${JSON.stringify(written)}}]`)).toThrow(
      `apps[0].r_i: ${JSON.stringify(written)} is not a number`,
    );
  });

  it("are held to the same bounds", () => {
    expect(() => readTexts('resources: {Rmax: "-1"}')).toThrow('resources.Rmax: "-1" is not more than 0');
    expect(() => readTexts('tick: {max_parallel_triggers: "1.5"}')).toThrow('"1.5" is not a whole number');
  });
});

describe("warnings", () => {
  it("tell what is never released", () => {
    expect(readTexts("resources: {Rmax: 2}", "apps: [{name: a, r_i: 2.5}]").warnings).toEqual([
      "apps.yaml:1 apps[0].r_i: 2.5 is more than Rmax (2): a is never released",
    ]);
    expect(readTexts("tick: {max_parallel_triggers: 0}").warnings[0]).toContain("releases nothing, ever");
    expect(readTexts("", "").warnings[0]).toContain("names no application");
  });
});
