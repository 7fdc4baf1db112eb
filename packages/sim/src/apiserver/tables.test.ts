import { describe, expect, test } from "vitest";

import { jsonPathReader } from "./crd/jsonPath.ts";
import type { ApiAnswer } from "./exchange.ts";
import { podNamed, podsPath, testServer } from "./testing.ts";

const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

describe("tables", () => {
  test("kubectl get pods shows what matters, with the age by the server's clock", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a", {}, { nodeName: "n1" }));
    await api.patch(`${podsPath}/a/status`, {
      status: { phase: "Running", containerStatuses: [{ name: "c", ready: true, restartCount: 2 }] },
    });
    await api.clock.advance(300_000);
    const answer = (await api.server.handle({ method: "GET", path: podsPath, query: {}, accept })) as ApiAnswer;
    const table = answer.value() as {
      columnDefinitions: readonly { name: string }[];
      rows: readonly { cells: unknown }[];
    };
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual([
      "Name",
      "Ready",
      "Status",
      "Restarts",
      "Age",
      "IP",
      "Node",
    ]);
    expect(table.rows.map(({ cells }) => cells)).toEqual([["a", "1/1", "Running", 2, "5m", "", "n1"]]);
  });

  test("printer columns read members, indexes and filtered elements", () => {
    const object = { status: { conditions: [{ type: "Ready", status: "True" }], list: [1, 2], "a.b": 3 } };
    expect(jsonPathReader('.status.conditions[?(@.type=="Ready")].status')(object)).toBe("True");
    expect(jsonPathReader(".status.list[1]")(object)).toBe(2);
    expect(jsonPathReader(".status['a.b']")(object)).toBe(3);
    expect(jsonPathReader(".status.none.deeper")(object)).toBeUndefined();
  });
});
