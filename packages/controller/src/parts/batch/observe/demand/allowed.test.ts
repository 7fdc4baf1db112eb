import { silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import type { ScaledRef } from "../../decide/asker.ts";
import { allowedHosts } from "./allowed.ts";
import { DemandSources } from "./sources.ts";

const ref = (metadata: Record<string, string>): ScaledRef => ({ namespace: "posture", name: "analyzer", metadata });

describe("where a trigger may lead the controller", () => {
  const withTargets = (hosts?: readonly string[], brokers?: readonly string[]): DemandSources =>
    new DemandSources({
      suspendedJobs: () => null,
      prometheus: () => ({ query: () => Promise.resolve([]) }),
      mqtt: () => ({ close: () => undefined }),
      ...(hosts && { allowedHosts: hosts }),
      ...(brokers && { allowedBrokers: brokers }),
      clock: new VirtualClock(),
      logger: silentLogger,
    });
  const asking = (promUrl: string): ScaledRef => ref({ demand: "prometheus", promUrl, query: "depth" });

  it.each([
    "http://169.254.169.254/latest/meta-data",
    "http://prom:9091",
    "http://prom.evil.example:9090",
    "http://127.0.0.1:9090",
  ])("is not %s where Prometheus is prom:9090", (url) => {
    const demand = withTargets(allowedHosts("http://prom:9090/prefix"));
    expect(() => demand.wanted(asking(url))).toThrow(
      /^metadata.promUrl: .* none of the hosts that --batch-demand-hosts/,
    );
    expect(() => demand.wanted(asking("http://prom:9090"))).toThrow("not asked yet");
    void demand.stop();
  });

  it("is no Prometheus at all where none is configured, and those that the flag names", () => {
    expect(() => withTargets().wanted(asking("http://prom:9090"))).toThrow("--batch-demand-hosts");
    const demand = withTargets(allowedHosts(undefined, ["other:9090"]));
    expect(() => demand.wanted(asking("http://other:9090"))).toThrow("not asked yet");
    void demand.stop();
  });

  it("is any broker, unless some are named", () => {
    const topic = (mqttBroker: string): ScaledRef => ref({ demand: "mqtt", mqttBroker, mqttTopic: "t" });
    expect(() => withTargets().wanted(topic("mqtt://any"))).toThrow("not connected yet");
    const demand = withTargets([], ["mosquitto:1883"]);
    expect(() => demand.wanted(topic("mqtt://any"))).toThrow("--batch-demand-brokers");
    expect(() => demand.wanted(topic("mqtt://mosquitto:1883"))).toThrow("not connected yet");
    void demand.stop();
  });

  it("is nothing but the API of a Prometheus", () => {
    const demand = withTargets(["prom:9090"]);
    for (const url of ["http://prom:9090/-/quit?x=", "http://prom:9090/#x"]) {
      expect(() => demand.wanted(asking(url))).toThrow("must not carry a query or a fragment");
    }
  });
});
