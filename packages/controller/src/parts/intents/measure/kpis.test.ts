import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Measurement } from "../decide/snapshot.ts";
import type { SeenIntent } from "../loop/ports.ts";
import type { Way } from "../observe/profiles.ts";
import { EndpointAccess } from "./access.ts";
import { Asking, type Outcome } from "./asked.ts";
import { HostMetrics } from "./hosts.ts";
import { KpiMeter } from "./kpis.ts";
import { FakePrometheus } from "./testing/fake.ts";

let prometheus: FakePrometheus;
let clock: VirtualClock;
let ways: Map<string, Way>;
let outcomes: Outcome[];
let warnings: string[];
let hosts: HostMetrics;
let meter: KpiMeter;

beforeEach(async () => {
  prometheus = await FakePrometheus.start();
  clock = new VirtualClock();
  prometheus.nowMs = clock.wallMs();
  ways = new Map([["shop/p99", { kind: "external", query: "max(p99)", endpoint: prometheus.endpoint }]]);
  outcomes = [];
  warnings = [];
  meter = aMeter();
});
afterEach(() => prometheus.stop());

function aMeter(tokenFile?: string, telemetryEndpoint = prometheus.endpoint): KpiMeter {
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: ({ problem }: { readonly problem: string }) => warnings.push(problem),
  });
  const staleAfterSeconds = 90;
  const access = { telemetryEndpoint, queries: {}, allowedHosts: [], tokenFile, caFile: undefined, staleAfterSeconds };
  const asking = new Asking({
    clients: new EndpointAccess(access),
    staleAfterSeconds,
    timeoutMs: 5_000,
    clock,
    logger,
    counted: (outcome) => outcomes.push(outcome),
  });
  const metrics = [{ name: "cpu_value", query: 'cpu{node=~"%s"}' }];
  const endpoint = telemetryEndpoint;
  hosts = new HostMetrics({ metrics, hostField: "node", endpoint, staleAfterSeconds, asking, clock, logger });
  const monotonicMs = (): number => clock.monotonicMs();
  return new KpiMeter({
    ways: { wayOf: (key) => ways.get(key) },
    demand: undefined,
    asking,
    hosts,
    mostAtATime: 4,
    roundMs: 20_000,
    monotonicMs,
  });
}

function seen(name: string, profiles: readonly string[], part: Partial<SeenIntent["intent"]> = {}): SeenIntent {
  return {
    ref: { apiVersion: "ido.intel.com/v1alpha1", kind: "Intent", namespace: "shop", name, uid: name },
    generation: 1,
    intent: {
      name: `shop/${name}`,
      target: { kind: "Deployment", name: `shop/${name}` },
      priority: 1,
      active: true,
      objectives: profiles.map((profile) => ({ profile, target: 1, tolerance: 0 })),
      pods: [],
      resources: new Map(),
      annotations: new Map(),
      data: new Map(),
      ...part,
    },
    target: null,
  };
}

async function measured(profile = "shop/p99", signal = new AbortController().signal): Promise<Measurement | undefined> {
  return (await meter.measure([seen("web", [profile])], signal)).get("shop/web")?.get(profile);
}

describe("a value, an old one and none are three things:", () => {
  it("a value is as exact as it is told", async () => {
    prometheus.answers.set("max(p99)", { value: "0.99951" });
    expect(await measured()).toEqual({ kind: "value", value: 0.99951 });
    expect(outcomes).toEqual(["value"]);
  });

  it.each([[[]], [{ value: "NaN" }], [{ value: "+Inf" }], [{ value: "-1" }]])("%j is none", async (answer) => {
    prometheus.answers.set("max(p99)", answer);
    expect(await measured()).toEqual({ kind: "missing" });
    expect(outcomes).toEqual(["missing"]);
  });

  it("several series are none, and that is said once", async () => {
    prometheus.answers.set("max(p99)", [
      { value: "1", labels: { pod: "a" } },
      { value: "2", labels: { pod: "b" } },
    ]);
    expect(await measured()).toEqual({ kind: "missing" });
    await measured();
    expect(warnings).toEqual(["there are 2 series, which is not one value"]);
  });

  it("a sample that is too old is stale", async () => {
    prometheus.answers.set("max(p99)", { value: "5", atMs: clock.wallMs() - 90_000 });
    expect(await measured()).toEqual({ kind: "value", value: 5 });
    prometheus.answers.set("max(p99)", { value: "5", atMs: clock.wallMs() - 91_000 });
    expect(await measured()).toEqual({ kind: "stale", value: 5, ageSeconds: 91 });
  });

  it("of what is only selected the moment is asked for, since it may be older than the answer", async () => {
    ways.set("shop/rule", { kind: "external", query: 'job:p99{job="web"}', endpoint: prometheus.endpoint });
    prometheus.answers.set('job:p99{job="web"}', { value: "5" });
    expect(await measured("shop/rule")).toEqual({ kind: "value", value: 5 });
    const seconds = clock.wallMs() / 1_000 - 120;
    prometheus.answers.set('timestamp(job:p99{job="web"})', { value: String(seconds) });
    expect(await measured("shop/rule")).toEqual({ kind: "stale", value: 5, ageSeconds: 120 });
  });

  it("what is not answered is what it was, and stale, and after ten minutes none", async () => {
    prometheus.answers.set("max(p99)", "failure");
    expect(await measured()).toEqual({ kind: "missing" });
    prometheus.answers.set("max(p99)", { value: "5" });
    expect(await measured()).toEqual({ kind: "value", value: 5 });
    prometheus.answers.set("max(p99)", "failure");
    await clock.advance(20_000);
    expect(await measured()).toEqual({ kind: "stale", value: 5, ageSeconds: 20 });
    await clock.advance(600_000);
    expect(await measured()).toEqual({ kind: "missing" });
    expect(outcomes).toEqual(["failed", "value", "failed", "failed"]);
  });

  it("who does not answer at all is waited for as long as a query may take", async () => {
    prometheus.answers.set("max(p99)", "silence");
    const answer = measured();
    while (prometheus.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(5_000);
    expect(await answer).toEqual({ kind: "missing" });
    expect(warnings).toEqual(["Prometheus query max(p99): no answer in 5 s"]);
  });

  it("nothing is asked after the end, nor thrown", async () => {
    expect(await measured("shop/p99", AbortSignal.abort())).toEqual({ kind: "missing" });
    expect(prometheus.asked).toEqual([]);
  });

  it("a Prometheus that is away throws nothing", async () => {
    await prometheus.stop();
    expect(await measured()).toEqual({ kind: "missing" });
    prometheus = await FakePrometheus.start();
  });
});

describe("a query", () => {
  it("of the planner's own is filled in for each workload", async () => {
    ways.set("shop/rps", { kind: "template", query: 'rps{ns="%s",%s="%s"}', endpoint: prometheus.endpoint });
    prometheus.answers.set('rps{ns="shop",deployment="web"}', { value: "7" });
    expect(await measured("shop/rps")).toEqual({ kind: "value", value: 7 });
  });

  it("of a profile's own is asked as it is, once for all intents", async () => {
    const query = 'max(p99{path="%s"})';
    ways.set("shop/p99", { kind: "external", query, endpoint: prometheus.endpoint });
    prometheus.answers.set(query, { value: "3" });
    const intents = ["a", "b", "c"].map((name) => seen(name, ["shop/p99"]));
    const all = await meter.measure(intents, new AbortController().signal);
    expect([...all.values()].map((one) => one.get("shop/p99"))).toEqual(
      Array.from({ length: 3 }, () => ({ kind: "value", value: 3 })),
    );
    expect(prometheus.asked).toEqual([query]);
  });

  it("waits for its turn", async () => {
    ways.set("shop/rps", { kind: "template", query: "%s %s %s", endpoint: prometheus.endpoint });
    const intents = Array.from({ length: 40 }, (_, index) => seen(`w${index}`, ["shop/rps"]));
    const all = await meter.measure(intents, new AbortController().signal);
    expect([prometheus.asked.length, all.size, prometheus.mostOpen <= 4]).toEqual([40, 40, true]);
  });

  it("of a profile that is not resolved is none", async () => {
    expect(await measured("shop/unknown")).toEqual({ kind: "missing" });
    expect(prometheus.asked).toEqual([]);
  });
});

describe("the token", () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-meter-"));
  const tokenFile = join(folder, "token");
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is shown to the telemetry endpoint alone", async () => {
    writeFileSync(tokenFile, "secret");
    const other = await FakePrometheus.start();
    meter = aMeter(tokenFile);
    ways.set("shop/other", { kind: "external", query: "p99", endpoint: other.endpoint });
    await meter.measure([seen("web", ["shop/p99", "shop/other"])], new AbortController().signal);
    expect([[...prometheus.tokens], [...other.tokens]]).toEqual([["Bearer secret"], [undefined]]);
    await other.stop();
  });
});

describe("without Prometheus", () => {
  const pod = (name: string, availability: number, phase = "Running"): SeenIntent["intent"]["pods"][number] => ({
    name,
    availability,
    node: "n1",
    phase,
    qosClass: "Guaranteed",
  });

  it("availability is that of the pods together", async () => {
    ways.set("shop/up", { kind: "pods" });
    const pods = [pod("a", 0.9), pod("b", 0.98)];
    const all = await meter.measure(
      [seen("web", ["shop/up"], { pods }), seen("none", ["shop/up"])],
      new AbortController().signal,
    );
    expect(all.get("shop/web")?.get("shop/up")).toEqual({ kind: "value", value: expect.closeTo(0.998) as number });
    expect(all.get("shop/none")?.get("shop/up")).toEqual({ kind: "missing" });
  });
});

describe("metrics of nodes", () => {
  const on = (...nodes: string[]): SeenIntent[] => [
    seen("web", [], {
      pods: nodes.map((node) => ({ name: `p-${node}`, availability: 1, node, phase: "Running", qosClass: "" })),
    }),
  ];
  const measure = (...nodes: string[]): Promise<unknown> => meter.measure(on(...nodes), new AbortController().signal);
  const known = (...nodes: string[]): unknown => Object.fromEntries(hosts.of(new Set(nodes)).get("cpu_value") ?? []);

  it("are asked for together, and known by the label that names the node until they are old", async () => {
    prometheus.answers.set('cpu{node=~"n1|n2"}', [
      { value: "0.5", labels: { node: "n1" } },
      { value: "0.7", labels: { node: "n2" } },
      { value: "0.9", labels: { node: "stranger" } },
    ]);
    await measure("n1", "n2");
    expect(known("n1", "n2", "stranger")).toEqual({ n1: 0.5, n2: 0.7 });
    expect(known("n1")).toEqual({ n1: 0.5 });
    prometheus.answers.set('cpu{node=~"n1|n2"}', "failure");
    await measure("n1", "n2");
    expect(known("n1", "n2")).toEqual({ n1: 0.5, n2: 0.7 });
    await clock.advance(91_000);
    expect(known("n1", "n2")).toEqual({});
  });

  it("are asked for in queries of a hundred nodes", async () => {
    await measure(...Array.from({ length: 250 }, (_, index) => `n${index}`));
    expect(prometheus.asked.map((query) => query.split("|").length)).toEqual([100, 100, 50]);
  });
});
