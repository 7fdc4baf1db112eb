import { expect, it } from "vitest";

import { readQueries } from "./queries.ts";

/** As the prototype's manifest ships them; availability is computed. */
const shipped = {
  "default/p99latency": {
    query: 'histogram_quantile(0.99, sum(irate(response_latency_ms_bucket{namespace="%s",%s="%s"}[30s])) by (le, %s))',
    endpoint: "http://prometheus.linkerd-viz:9090/api/v1/query",
  },
  "default/availability": { query: "", endpoint: "" },
};

it("queries are read as the manifest ships them", () => {
  expect(readQueries(shipped, "default_queries.json")).toEqual(shipped);
  expect(readQueries({ "default/rps": {} }, "default_queries.json")).toEqual({
    "default/rps": { query: "", endpoint: "" },
  });
});

it.each([
  [
    { "default/rps": { endpoint: "prometheus" } },
    'q.json.default/rps.endpoint: "prometheus" is not valid (is not a URL)',
  ],
  [{ "default/rps": { query: 5 } }, "q.json.default/rps.query: 5"],
  [[], "q.json: []"],
])("what is wrong is told with file, field and value: %#", (input, complaint) => {
  expect(() => readQueries(input, "q.json")).toThrow(complaint);
});
