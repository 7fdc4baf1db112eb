import { describe, expect, it } from "vitest";

import { modelsOf } from "../models/effects.ts";
import { effectDocument, eventDocument, readEffect, readEvent } from "./documents.ts";
import { plainer, withOwnKeys } from "./plainer.ts";
import { aPlanEvent, anEffect } from "./testing/events.ts";

describe("a document of events", () => {
  it("has the prototype's fields, and those of a pod in lower case", () => {
    expect(eventDocument(aPlanEvent())).toEqual({
      name: "default/my-intent",
      timestamp: new Date(Date.UTC(2026, 0, 1)),
      current_objectives: { "default/p99latency": 139.25, "default/throughput": 24.3 },
      desired_objectives: { "default/p99latency": 100, "default/throughput": 0 },
      resources: { "0_cpu_requests": 500, "0_cpu_limits": 500 },
      annotations: { "linkerd.io/inject": "enabled" },
      pods: { "function-deployment-1": { availability: 1, nodename: "n1", state: "Running", qosclass: "Guaranteed" } },
      data: { cpu_value: { n1: 0.5 } },
      plan: [{ name: "scaleOut", properties: { factor: 3 } }],
    });
  });

  it("is read back as it was", () => {
    expect(readEvent(eventDocument(aPlanEvent()))).toEqual(aPlanEvent());
  });

  it("is read as the prototype writes it, with null for what is empty", () => {
    const empty = { current_objectives: null, desired_objectives: {}, resources: null, annotations: null, data: null };
    const document = { _id: 1, name: "default/a", timestamp: new Date(5), ...empty, pods: null, plan: null };
    expect(readEvent(document)).toEqual({
      name: "default/a",
      timestampMs: 5,
      currentObjectives: {},
      desiredObjectives: {},
      resources: {},
      annotations: {},
      pods: {},
      data: {},
      plan: null,
    });
  });

  it("that is wrong is told with field and value", () => {
    expect(() => readEvent({ ...eventDocument(aPlanEvent()), timestamp: "0" })).toThrow('events.timestamp: "0"');
  });
});

describe("a document of effects", () => {
  it("has the prototype's fields", () => {
    const document = effectDocument(anEffect(), 0);
    expect(Object.keys(document)).toEqual(["name", "group", "profileName", "data", "static", "timestamp"]);
    expect(document.timestamp).toEqual(new Date(Date.UTC(2026, 0, 1)));
    const { timestamp: _, ...timeless } = anEffect();
    expect(effectDocument(timeless, 7).timestamp).toEqual(new Date(7));
  });

  it.each(["popt", "popts"])("is read with its parameters under %s", (key) => {
    const document = { ...effectDocument(anEffect(), 0), _id: 1, data: { [key]: [[100, 0.2, 50]] } };
    const query = { intent: "default/my-intent", since: null, file: "effects" };
    const models = modelsOf([readEffect(document)], query);
    expect(models.cpu.get("default/p99latency")?.parameters).toEqual([[100, 0.2, 50]]);
  });
});

describe("what not every server takes", () => {
  it("is written plainer, and its keys are read as they were", () => {
    const document = {
      at: new Date(1),
      annotations: { "linkerd.io/inject": "x", $odd: 1 },
      popt: [[1, 2, 3]],
      plan: null,
    };
    const plain = plainer(document) as Record<string, unknown>;
    expect(JSON.stringify(plain)).not.toMatch(/\.io|"\$|\[\[/);
    expect(plain["at"]).toBeInstanceOf(Date);
    expect(withOwnKeys(plain)).toEqual({ ...document, popt: [1, 2, 3] });
  });
});
