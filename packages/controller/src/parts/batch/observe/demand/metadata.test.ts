import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { demandSpecOf, itemsPerJobOf } from "./metadata.ts";

const of = (metadata: Record<string, string>): Parameters<typeof demandSpecOf>[0] => ({
  namespace: "posture",
  name: "analyzer",
  metadata,
});

const mqtt = { demand: "mqtt", mqttBroker: "mqtt://broker:1883", mqttTopic: "images/#" };

describe("a trigger's demand", () => {
  it.each([
    [{}, { kind: "always" }],
    [{ demand: "always", query: "unused" }, { kind: "always" }],
    [
      { demand: "jobs", selector: "app=queued" },
      { kind: "jobs", selector: "app=queued" },
    ],
    [
      { demand: "prometheus", promUrl: "http://prom:9090", query: "depth" },
      { kind: "prometheus", url: "http://prom:9090", query: "depth" },
    ],
    [mqtt, { kind: "mqtt", broker: "mqtt://broker:1883", topic: "images/#", metric: "messages", windowMs: 60_000 }],
    [
      { ...mqtt, mqttWindowSeconds: "5", demandMetric: "retained", mqttUsernameFromEnv: "u", mqttPassword: "p" },
      {
        kind: "mqtt",
        broker: "mqtt://broker:1883",
        topic: "images/#",
        metric: "retained",
        windowMs: 5000,
        username: "u",
        password: "p",
      },
    ],
  ])("%j is read", (metadata, spec) => {
    expect(demandSpecOf(of(metadata))).toEqual(spec);
  });

  it.each([
    [{ demand: "kafka" }, 'metadata.demand: "kafka" is none of always, jobs, prometheus, mqtt'],
    [{ demand: "toString" }, 'metadata.demand: "toString" is none of always, jobs, prometheus, mqtt'],
    [{ demand: "jobs" }, "metadata.selector: undefined is missing; demand jobs needs it"],
    [{ demand: "prometheus", promUrl: "http://p" }, "metadata.query: undefined is missing; demand prometheus needs it"],
    [
      { demand: "prometheus", promUrl: "prom:9090", query: "q" },
      'metadata.promUrl: "prom:9090" is no URL of http: https:',
    ],
    [
      { demand: "prometheus", promUrl: "http://me:secret@prom", query: "q" },
      'metadata.promUrl: "http://…@prom" must not carry credentials',
    ],
    [{ ...mqtt, mqttBroker: "http://broker" }, 'metadata.mqttBroker: "http://broker" is no URL of mqtt: mqtts:'],
    [{ ...mqtt, mqttTopic: "a/#/b" }, 'metadata.mqttTopic: "a/#/b" has # before its last level'],
    [{ ...mqtt, mqttTopic: "a/b+" }, 'metadata.mqttTopic: "a/b+" has a wildcard that is not a whole level'],
    [{ ...mqtt, demandMetric: "depth" }, 'metadata.mqttTopic: "images/#" has wildcards, where one'],
    [{ ...mqtt, demandMetric: "lag" }, 'metadata.demandMetric: "lag" is none of messages, retained, depth'],
    [{ ...mqtt, mqttWindowSeconds: "0" }, 'metadata.mqttWindowSeconds: "0" is not a number above 0 and up to 3600'],
  ])("%j is refused by key and value", (metadata, complaint) => {
    expect(() => demandSpecOf(of(metadata))).toThrow(complaint);
  });

  it("counts items by the job", () => {
    expect(itemsPerJobOf(of({}))).toBe(1);
    expect(itemsPerJobOf(of({ itemsPerJob: "25" }))).toBe(25);
    expect(() => itemsPerJobOf(of({ itemsPerJob: "few" }))).toThrow('metadata.itemsPerJob: "few" is not a number');
  });

  it("is read or refused by naming a key, whatever is written", () => {
    const keys = ["promUrl", "query", "mqttBroker", "mqttTopic", "demandMetric", "mqttWindowSeconds", "selector"];
    const kinds = fc.constantFrom("always", "jobs", "prometheus", "mqtt");
    fc.assert(
      fc.property(kinds, fc.dictionary(fc.constantFrom(...keys), fc.string()), (demand, rest) => {
        try {
          expect(demandSpecOf(of({ ...rest, demand })).kind).toBe(demand);
        } catch (error) {
          expect((error as Error).message).toMatch(/^metadata\.\w+: /);
        }
      }),
    );
  });
});
