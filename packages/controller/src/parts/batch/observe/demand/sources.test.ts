import { silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import type { ScaledRef } from "../../decide/asker.ts";
import { NotKnown } from "../../decide/notKnown.ts";
import { demandLimits } from "./limits.ts";
import type { MqttSpec } from "./metadata.ts";
import type { MqttEvents } from "./mqtt.ts";
import { DemandSources } from "./sources.ts";

/** A broker in the hands of the test. */
class FakeBroker {
  readonly open = new Map<MqttSpec, MqttEvents>();

  connect = (spec: MqttSpec, events: MqttEvents): { close(): void } => {
    this.open.set(spec, events);
    return { close: () => this.open.delete(spec) };
  };

  accept(): void {
    for (const events of this.open.values()) {
      events.connected();
      events.subscribed();
    }
  }

  lose(reason: string): void {
    for (const events of this.open.values()) events.lost(reason);
  }

  publish(topic: string, text: string, retain = false): void {
    for (const events of this.open.values()) events.message({ topic, payload: Buffer.from(text), retain });
  }
}

let clock: VirtualClock;
let broker: FakeBroker;
/** What Prometheus answers; an Error is thrown. */
let series: readonly number[] | Error;
let queries: string[];
let suspended: readonly Record<string, string>[] | null;
let sources: DemandSources;

beforeEach(() => {
  clock = new VirtualClock();
  broker = new FakeBroker();
  series = [4.2];
  queries = [];
  suspended = [{ app: "queued" }, { app: "queued" }, { app: "other" }];
  sources = new DemandSources({
    suspendedJobs: (_, matches) => suspended?.filter(matches).length ?? null,
    prometheus: (url) => ({
      query: (query) => {
        queries.push(`${url} ${query}`);
        return series instanceof Error ? Promise.reject(series) : Promise.resolve(series.map((value) => ({ value })));
      },
    }),
    mqtt: broker.connect,
    allowedHosts: ["prom"],
    clock,
    logger: silentLogger,
  });
  void sources.start();
});

function ref(metadata: Record<string, string>, name = "analyzer"): ScaledRef {
  return { namespace: "posture", name, metadata };
}

describe("demand without a source", () => {
  it("is without bound", () => {
    expect(sources.wanted(ref({}))).toBe(Infinity);
  });
});

describe("demand by suspended Jobs", () => {
  const queued = ref({ demand: "jobs", selector: "app in (queued)" });

  it("is their number", () => {
    expect(sources.wanted(queued)).toBe(2);
    expect(sources.wanted(ref({ demand: "jobs", selector: "app", itemsPerJob: "2" }))).toBe(2);
  });

  it("is unknown while Jobs are", () => {
    suspended = null;
    expect(() => sources.wanted(queued)).toThrow(NotKnown);
  });

  it("is refused without a selector that is one", () => {
    const malformed = ref({ demand: "jobs", selector: "a b" });
    expect(() => sources.wanted(malformed)).toThrow('metadata.selector: "a b" is no label selector ("a b" is no');
  });
});

describe("demand by a query", () => {
  const asking = ref({ demand: "prometheus", promUrl: "http://prom", query: "depth" });
  const unknown = (): string => {
    try {
      return String(sources.wanted(asking));
    } catch (error) {
      expect(error).toBeInstanceOf(NotKnown);
      return (error as Error).message;
    }
  };

  it("is unknown at first, then the value rounded up, asked for each 5 s", async () => {
    expect(unknown()).toBe("http://prom, query depth: not asked yet");
    await clock.advance(0);
    expect(sources.wanted(asking)).toBe(5);
    series = [-3];
    await clock.advance(5000);
    expect(sources.wanted(asking)).toBe(0);
    expect(queries).toEqual(["http://prom depth", "http://prom depth"]);
  });

  it("stands for 30 s without an answer", async () => {
    unknown();
    await clock.advance(0);
    series = new Error("refused");
    await clock.advance(29_999);
    expect(sources.wanted(asking)).toBe(5);
    await clock.advance(1);
    expect(unknown()).toBe("http://prom, query depth: refused");
    series = [1];
    await clock.advance(5000);
    expect(sources.wanted(asking)).toBe(1);
  });

  it.each([[[]], [[1, 2]]])("of other than one series is unknown: %j", async (found) => {
    series = found;
    unknown();
    await clock.advance(0);
    expect(unknown()).toContain(`${found.length} series, where one is wanted`);
  });
});

describe("demand by an MQTT topic", () => {
  const on = (more: Record<string, string> = {}): ScaledRef =>
    ref({ demand: "mqtt", mqttBroker: "mqtt://b", mqttTopic: "images/pi1", ...more });
  const tried = (asking: ScaledRef): number | string => {
    try {
      return sources.wanted(asking);
    } catch (error) {
      expect(error).toBeInstanceOf(NotKnown);
      return (error as Error).message;
    }
  };

  it("is unknown until the broker has granted the subscription", () => {
    expect(tried(on())).toBe("MQTT broker mqtt://b, topic images/pi1: not connected yet");
    broker.lose("connection refused");
    expect(tried(on())).toBe("MQTT broker mqtt://b, topic images/pi1: connection refused");
    broker.accept();
    expect(tried(on())).toBe(0);
  });

  it("in messages is those of the window, by the job", async () => {
    const asking = on({ mqttWindowSeconds: "10", itemsPerJob: "2" });
    tried(asking);
    broker.accept();
    for (let image = 0; image < 5; image += 1) broker.publish("images/pi1", "jpeg");
    expect(tried(asking)).toBe(3);
    await clock.advance(9000);
    broker.publish("images/pi1", "jpeg");
    expect(tried(asking)).toBe(3);
    await clock.advance(2000);
    expect(tried(asking)).toBe(1);
    await clock.advance(20_000);
    expect(tried(asking)).toBe(0);
  });

  it("in retained messages is the topics that hold one", async () => {
    const asking = on({ mqttTopic: "work/+", demandMetric: "retained" });
    tried(asking);
    broker.accept();
    broker.publish("work/1", "a", true);
    expect(tried(asking)).toBe("MQTT topic work/+: retained messages are still coming");
    broker.publish("work/2", "b", true);
    broker.publish("work/3", "not retained");
    await clock.advance(1000);
    expect(tried(asking)).toBe(2);
    broker.publish("work/1", "", true);
    expect(tried(asking)).toBe(1);
  });

  it("in retained messages is what it was while they are told again", async () => {
    const asking = on({ mqttTopic: "work/+", demandMetric: "retained" });
    tried(asking);
    broker.accept();
    for (const item of ["1", "2", "3"]) broker.publish(`work/${item}`, "x", true);
    await clock.advance(1000);
    broker.lose("restart");
    broker.accept();
    broker.publish("work/3", "x", true);
    expect(tried(asking)).toBe(3);
    await clock.advance(1000);
    expect(tried(asking)).toBe(1);
  });

  it("in depth is the newest number", () => {
    const asking = on({ mqttTopic: "queue/depth", demandMetric: "depth" });
    tried(asking);
    broker.accept();
    expect(tried(asking)).toBe("MQTT topic queue/depth: no message has come yet");
    broker.publish("queue/depth", " 7.5\n");
    expect(tried(asking)).toBe(8);
    broker.publish("queue/depth", "-1");
    expect(tried(asking)).toBe(0);
    broker.publish("queue/depth", "full");
    expect(tried(asking)).toBe('MQTT topic queue/depth: "full" is not a number');
  });

  it("stands for 30 s without a connection", async () => {
    tried(on());
    broker.accept();
    broker.publish("images/pi1", "jpeg");
    broker.lose("keepalive timeout");
    await clock.advance(29_000);
    broker.lose("connection refused");
    expect(tried(on())).toBe(1);
    await clock.advance(1000);
    expect(tried(on())).toBe("MQTT broker mqtt://b, topic images/pi1: connection refused");
    broker.accept();
    expect(tried(on())).toBe(1);
  });

  it("is watched once for all that name it, until nobody has asked for ten minutes", async () => {
    tried(on());
    tried({ ...on(), name: "other" });
    tried(on({ mqttTopic: "images/pi2" }));
    expect(broker.open.size).toBe(2);
    await clock.advance(599_000);
    tried(on());
    await clock.advance(61_000);
    expect([...broker.open.keys()].map(({ topic }) => topic)).toEqual(["images/pi1"]);
    void sources.stop();
    expect([broker.open.size, sources.size]).toEqual([0, 0]);
  });

  it("has a bound on how much is watched, and others do not notice", () => {
    for (let one = 0; one < 500; one += 1) tried({ ...on({ mqttTopic: `t/${one}` }), namespace: `n${one % 10}` });
    expect(tried({ ...on({ mqttTopic: "t/500" }), namespace: "another" })).toContain("there is room for no other");
    broker.accept();
    expect(tried(on({ mqttTopic: "t/0" }))).toBe(0);
    expect(broker.open.size).toBe(500);
  });

  it("has a smaller bound for each namespace, so that none shuts others out", () => {
    for (let one = 0; one < 500; one += 1) tried(on({ mqttTopic: `t/${one}` }));
    expect(broker.open.size).toBe(demandLimits.watchedPerNamespace);
    expect(tried(on({ mqttTopic: "t/499" }))).toBe(
      "50 topics and queries of posture are being watched; there is room for no other",
    );
    expect(tried({ ...on({ mqttTopic: "mine" }), namespace: "other" })).toContain("not connected yet");
  });
});
