import { expect, it } from "vitest";

import { EndpointAccess } from "./access.ts";

const access = new EndpointAccess({
  telemetryEndpoint: "http://prometheus.telemetry:9090/api/v1/query",
  queries: { "default/p99": { query: "q", endpoint: "http://prometheus.linkerd-viz:9090/api/v1/query" } },
  allowedHosts: ["thanos.example", "other:8080"],
  tokenFile: undefined,
  caFile: undefined,
  staleAfterSeconds: 90,
});

it.each([
  "http://prometheus.telemetry:9090/api/v1/query",
  "http://prometheus.linkerd-viz:9090/other",
  "https://thanos.example/api/v1/query",
  "http://other:8080/",
])("a profile may name %s", (endpoint) => {
  expect(access.isAllowed(endpoint)).toBe(true);
});

it.each([
  "http://169.254.169.254/latest/meta-data",
  "http://prometheus.telemetry/api/v1/query",
  "http://prometheus.telemetry:9090@evil.example/",
  "http://user:secret@prometheus.telemetry:9090/",
  "file:///etc/passwd",
  "ftp://thanos.example/",
  "prometheus.telemetry:9090",
  "",
])("a profile may not name %s", (endpoint) => {
  expect(access.isAllowed(endpoint)).toBe(false);
});

it("asks one endpoint through one client", () => {
  expect(access.clientFor("http://other:8080/a")).toBe(access.clientFor("http://other:8080/a"));
  expect(access.clientFor("http://other:8080/b")).not.toBe(access.clientFor("http://other:8080/a"));
});
