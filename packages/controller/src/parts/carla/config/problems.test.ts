import { describe, expect, it } from "vitest";

import { ReleaseConfigError } from "./problems.ts";
import { readTexts } from "./testing/readTexts.ts";

/** The lines of complaint about two texts. */
function complaints(policy: string, apps?: string, options?: Parameters<typeof readTexts>[2]): string[] {
  try {
    readTexts(policy, apps, options);
  } catch (error) {
    if (error instanceof ReleaseConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
}

const inWindow = (window: string): string => `windows:\n  allow:\n    - ${window}\n`;

describe("everything that is wrong in both files is told at once", () => {
  const policy = `thresholds:
  cpu_watermark: 1.5
  ram_watermark: lots
ema: { rollout_alpha: 0 }
windows:
  timezone: Europe/Bucarest
  allow:
    - { day: WEEKDAY, start: "20:00", end: "07:00" }
    - day: SOMEDAY
      start: "25:00"
      end: "07:00"
tick:
  seconds: -1
argo: { verify_tls: 3 }
`;
  const apps = `apps:
  - name: a
    r_i: -1
    dependsOn: [b, zed]
  - name: b
    dependsOn: [a]
    clinic: nowhere
  - name: a
    risk: high
  - r_i: 2
`;

  it("with file, line, path and value", () => {
    expect(complaints(policy, apps, { requireArgo: true })).toEqual([
      "carla_policy.yaml:2 thresholds.cpu_watermark: 1.5 is more than 1",
      'carla_policy.yaml:3 thresholds.ram_watermark: "lots" is not a number',
      "carla_policy.yaml:4 ema.rollout_alpha: 0 is not more than 0",
      'carla_policy.yaml:6 windows.timezone: "Europe/Bucarest" is not a time zone (like Europe/Bucharest)',
      'carla_policy.yaml:9 windows.allow[1].day: "SOMEDAY" is not a day (MON, TUE, WED, THU, FRI, SAT, SUN, WEEKDAY, WEEKEND, HOLIDAY, DAILY)',
      'carla_policy.yaml:10 windows.allow[1].start: "25:00" is not a time of day (HH:MM)',
      "carla_policy.yaml:13 tick.seconds: -1 is not more than 0",
      "carla_policy.yaml:14 argo.verify_tls: 3 is not true or false",
      "carla_policy.yaml:14 argo.base_url: is missing",
      "apps.yaml:3 apps[0].r_i: -1 is less than 0",
      'apps.yaml:4 apps[0].dependsOn[1]: "zed" is not the name of an application',
      'apps.yaml:4 apps[0].dependsOn: ["b","zed"] makes a cycle: a → b → a',
      'apps.yaml:7 apps[1].clinic: "nowhere" is not a clinic of the policy\'s windows.clinics',
      'apps.yaml:8 apps[2].name: "a" is the name of apps[0] too',
      'apps.yaml:9 apps[2].risk: "high" is not a number',
      "apps.yaml:10 apps[3].name: is missing",
    ]);
  });

  it("and as objects", () => {
    let thrown: unknown;
    try {
      readTexts(policy, apps);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ReleaseConfigError);
    expect((thrown as ReleaseConfigError).problems[0]).toEqual({
      file: "carla_policy.yaml",
      path: "thresholds.cpu_watermark",
      line: 2,
      value: 1.5,
      complaint: "is more than 1",
    });
  });
});

describe("one wrong thing", () => {
  it.each([
    [inWindow("{ start: '20:00', end: '21:00' }"), "carla_policy.yaml:3 windows.allow[0].day: is missing"],
    [
      inWindow("{ days: [], start: '20:00', end: '21:00' }"),
      "carla_policy.yaml:3 windows.allow[0].days: [] names no day",
    ],
    [inWindow("{ day: MON, start: '20:00' }"), "carla_policy.yaml:3 windows.allow[0].end: is missing"],
    [inWindow("{ day: MON, end: '20:00' }"), "carla_policy.yaml:3 windows.allow[0].start: is missing"],
    [
      inWindow("{ day: MON, start: '24:00', end: '07:00' }"),
      'carla_policy.yaml:3 windows.allow[0].start: "24:00" is not before 24:00',
    ],
    [
      inWindow("{ day: MON, start: 20, end: '24:30' }"),
      "carla_policy.yaml:3 windows.allow[0].start: 20 is not a time of day (HH:MM)",
    ],
    [
      inWindow("{ from: 2026-12-24, until: 2026-12-25T00:00 }"),
      'carla_policy.yaml:3 windows.allow[0].from: "2026-12-24" is not a moment (2026-12-24T18:00, or with Z or an offset)',
    ],
    [inWindow("{ from: 2026-12-25T00:00 }"), "carla_policy.yaml:3 windows.allow[0].until: is missing"],
    [inWindow("{ until: 2026-12-25T00:00 }"), "carla_policy.yaml:3 windows.allow[0].from: is missing"],
    [
      inWindow("{ from: 2026-12-25T00:00, until: 2026-12-24T00:00 }"),
      'carla_policy.yaml:3 windows.allow[0].until: "2026-12-24T00:00" is not after from',
    ],
    [
      inWindow("{ day: MON, from: 2026-12-25T00:00, until: 2026-12-26T00:00 }"),
      "is either {day, start, end} or {from, until}",
    ],
    ["windows:\n  allow:\n    -\n", "carla_policy.yaml:3 windows.allow[0]: null is not a mapping"],
    ["windows: nights", 'carla_policy.yaml:1 windows: "nights" is not a mapping'],
    ["windows: {allow: nights}", 'carla_policy.yaml:1 windows.allow: "nights" is not a list'],
    [
      "windows: {holidays: {dates: [2026-02-30]}}",
      'carla_policy.yaml:1 windows.holidays.dates[0]: "2026-02-30" is not a date (YYYY-MM-DD)',
    ],
    [
      "windows: {holidays: {as: CLOSED}}",
      'carla_policy.yaml:1 windows.holidays.as: "CLOSED" is not one of WEEKEND, WEEKDAY, BLOCKED',
    ],
    [
      "windows: {holidays: {ics: [gone.ics]}}",
      "carla_policy.yaml:1 windows.holidays.ics[0]: \"gone.ics\" cannot be read (ENOENT: no such file, open 'gone.ics')",
    ],
    [
      "windows: {clinics: {north: {timezone: Mars/North}}}",
      'carla_policy.yaml:1 windows.clinics.north.timezone: "Mars/North" is not a time zone (like Europe/Bucharest)',
    ],
    [
      "argo: {base_url: argocd.example.org}",
      'carla_policy.yaml:1 argo.base_url: "argocd.example.org" is not an http(s) URL',
    ],
    ["argo: {token_env: ''}", 'carla_policy.yaml:1 argo.token_env: "" is empty'],
    ["logging: {level: LOUD}", 'carla_policy.yaml:1 logging.level: "LOUD" is not one of'],
    ["tick: {max_parallel_triggers: 1.5}", "carla_policy.yaml:1 tick.max_parallel_triggers: 1.5 is not a whole number"],
    ["resources: {Rmax: .nan}", "carla_policy.yaml:1 resources.Rmax: NaN is not a number"],
    ["resources: {Rmax: .inf}", "carla_policy.yaml:1 resources.Rmax: Infinity is not a number"],
    ["- a list", "carla_policy.yaml:1 is not a mapping"],
    ["[]", "carla_policy.yaml:1 is not a mapping"],
  ])("%j", (policy, line) => {
    const lines = complaints(policy, undefined, { requireArgo: policy.startsWith("argo: {base") });
    expect(lines[0]).toContain(line);
  });

  it("in a holiday file names the file", () => {
    expect(complaints("windows: {holidays: {ics: [bad.ics]}}", undefined, { others: { "bad.ics": "<html>" } })).toEqual(
      [
        'carla_policy.yaml:1 windows.holidays.ics[0]: "bad.ics" cannot be read (holidays: "bad.ics" is not an iCalendar file (it has no VCALENDAR))',
      ],
    );
  });

  it("is told where an alias points to it, and does not hide what comes after it", () => {
    expect(
      complaints(
        "windows:\n  allow:\n    - &night { day: MON, start: '20:00', end: never }\n    - *night\n    - { day: X, start: '1:00', end: '2:00' }\n",
      ),
    ).toEqual([
      'carla_policy.yaml:3 windows.allow[0].end: "never" is not a time of day (HH:MM)',
      'carla_policy.yaml:3 windows.allow[1].end: "never" is not a time of day (HH:MM)',
      expect.stringMatching(/^carla_policy.yaml:5 windows.allow\[2\].day: "X" is not a day/),
    ]);
  });
});

describe("where Argo CD is", () => {
  it("must be said, but not for a plan offline", () => {
    expect(complaints("tick: {seconds: 30}", undefined, { requireArgo: true })).toEqual([
      "carla_policy.yaml:1 argo.base_url: is missing",
    ]);
    expect(complaints("tick: {seconds: 30}", undefined, { requireArgo: false })).toEqual([]);
  });
});

describe("files that are no YAML", () => {
  it("are refused with the line, and what is wrong in the other one is told too", () => {
    const lines = complaints("tick:\n  seconds: 30\n bad: [\n", "apps: [{name: a, r_i: x}]");
    expect(lines[0]).toMatch(/^carla_policy.yaml:\d+ /);
    expect(lines.at(-1)).toBe('apps.yaml:1 apps[0].r_i: "x" is not a number');
  });

  it("have each key once", () => {
    expect(complaints("tick: {seconds: 30}\ntick: {seconds: 40}\n")).toEqual([
      "carla_policy.yaml:2 Map keys must be unique",
    ]);
  });

  it("say that a token for Prometheus needs a Prometheus", () => {
    expect(complaints("telemetry: {prometheus_token_file: /run/token}\n")).toEqual([
      'carla_policy.yaml:1 telemetry.prometheus_token_file: "/run/token" goes with prometheus_url',
    ]);
  });

  it("have their empty keys and blanks shown", () => {
    expect(complaints("", 'apps: [{name: a, "": []}]\n"": []\n" ": 1\n')).toEqual([
      'apps.yaml:1 apps[0]."": [] is not a known key',
      'apps.yaml:2 "": [] is not a known key',
      'apps.yaml:3 " ": 1 is not a known key',
    ]);
  });

  it("are not read beyond their aliases' limit", () => {
    const bomb =
      "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n";
    expect(complaints(bomb)[0]).toMatch(/^carla_policy.yaml is not valid YAML \(Excessive alias count/);
  });

  it("that are not there are named", () => {
    expect(
      complaints("", undefined, {
        readText: (file) => {
          throw new Error(`ENOENT: ${file}`);
        },
      }),
    ).toEqual([
      "carla_policy.yaml cannot be read (ENOENT: carla_policy.yaml)",
      "apps.yaml cannot be read (ENOENT: apps.yaml)",
    ]);
  });
});

describe("cycles", () => {
  it.each([
    ["[{name: a, dependsOn: [a]}]", ["a → a"]],
    ["[{name: a, dependsOn: [b]}, {name: b, dependsOn: [c]}, {name: c, depends_on: [b]}]", ["b → c → b"]],
    ["[{name: a, dependsOn: [b, c]}, {name: b, dependsOn: [d]}, {name: c, dependsOn: [d]}, {name: d}]", []],
    [
      "[{name: a, dependsOn: [b]}, {name: b, dependsOn: [a]}, {name: c, dependsOn: [d]}, {name: d, dependsOn: [c]}]",
      ["a → b → a", "c → d → c"],
    ],
  ])("in %s are %j", (apps, cycles) => {
    const lines = complaints("", `apps: ${apps}`);
    expect(lines.map((line) => line.split("makes a cycle: ")[1])).toEqual(cycles);
  });

  it("are looked for in chains of any length", () => {
    const apps = Array.from(
      { length: 5000 },
      (_, index) => `  - {name: a${index}, dependsOn: [a${(index + 1) % 5000}]}`,
    );
    expect(complaints("", `apps:\n${apps.join("\n")}\n`)).toHaveLength(1);
  });
});
