import { silentLogger, VirtualClock } from "@walras/kit";
import { expect, it } from "vitest";

import type { Sample } from "../../prometheus/client.ts";
import { defaultCpuQuery, PrometheusTelemetry } from "./prometheus.ts";

const nodes = [
  { name: "nuc", addresses: ["192.168.1.176", "nuc"] },
  { name: "orin", addresses: ["192.168.1.20"] },
  { name: "six", addresses: ["fd00::6"] },
];

function telemetry(): {
  readonly clock: VirtualClock;
  readonly answer: { now: () => readonly Sample[] };
  readonly it_: PrometheusTelemetry;
} {
  const clock = new VirtualClock();
  const answer = { now: (): readonly Sample[] => [] };
  const prometheus = { query: () => Promise.resolve().then(() => answer.now()) };
  const it_ = new PrometheusTelemetry({
    prometheus,
    query: defaultCpuQuery,
    nodes: () => nodes,
    clock,
    logger: silentLogger,
  });
  return { clock, answer, it_ };
}

it("finds nodes by address and by name, with and without a port", async () => {
  const { answer, it_ } = telemetry();
  answer.now = () => [
    { labels: { instance: "192.168.1.176:9100" }, value: 0.25 },
    { labels: { instance: "exporter:9100", nodename: "orin" }, value: 0.5 },
    { labels: { instance: "[fd00::6]:9100" }, value: 1.02 },
    { labels: { instance: "not-a-node:9100" }, value: 0.1 },
  ];
  await it_.refresh();
  expect(nodes.map(({ name }) => it_.cpu(name)?.busyFraction)).toEqual([0.25, 0.5, 1]);
  expect(it_.cpu("stranger")).toBeNull();
  expect(it_.trouble()).toBeNull();
});

it("says what is wrong, and does not take an empty answer for idle nodes", async () => {
  const { answer, it_, clock } = telemetry();
  expect(it_.trouble()).toBe("Prometheus: Prometheus has not been asked yet");
  await it_.refresh();
  expect(it_.trouble()).toMatch(/no series of 1 - avg by .* has a value/);
  answer.now = () => [{ labels: { instance: "192.168.1.20:9100" }, value: 0.5 }];
  await it_.refresh();
  answer.now = () => {
    throw new Error("connection refused");
  };
  await clock.advance(20_000);
  await it_.refresh();
  expect([it_.trouble(), it_.cpu("orin")]).toEqual([null, { busyFraction: 0.5, ageMs: 20_000 }]);
  await clock.advance(11_000);
  expect(it_.trouble()).toBe("Prometheus: connection refused");
});
