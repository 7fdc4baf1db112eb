import { afterEach, describe, expect, test } from "vitest";

import { systemClock } from "@walras/kit";

import type { Listening } from "./http.ts";
import { ApiServer } from "./server.ts";
import { podNamed, podsPath } from "./testing.ts";

let listening: Listening | undefined;

async function start(): Promise<{ server: ApiServer; url: string }> {
  const server = new ApiServer({ clock: systemClock });
  listening = await server.listen(0);
  return { server, url: listening.url };
}

function post(url: string, body: unknown, contentType = "application/json"): Promise<Response> {
  return fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": contentType },
  });
}

afterEach(async () => {
  await listening?.close();
  listening = undefined;
});

describe("over HTTP", () => {
  test("objects, lists and refusals are JSON", async () => {
    const { url } = await start();
    expect((await post(url + podsPath, podNamed("a"))).status).toBe(201);
    const list = (await (await fetch(`${url}${podsPath}`)).json()) as {
      kind: string;
      items: readonly Record<string, unknown>[];
    };
    expect([list.kind, list.items.length, Object.keys(list.items[0] ?? {})]).toEqual([
      "PodList",
      1,
      ["metadata", "spec", "status"],
    ]);
    const absent = await fetch(`${url}${podsPath}/zz`);
    expect([absent.status, absent.headers.get("content-type")]).toEqual([404, "application/json"]);
    expect(await absent.json()).toMatchObject({ kind: "Status", code: 404, details: { name: "zz", kind: "pods" } });
  });

  test("a watch is a stream of lines that ends with its timeout", async () => {
    const { url } = await start();
    await post(url + podsPath, podNamed("a"));
    const response = await fetch(`${url}${podsPath}?watch=true&timeoutSeconds=1`);
    await post(url + podsPath, podNamed("b"));
    const lines = (await response.text()).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(["ADDED", "ADDED"]);
  });

  test("a client that leaves closes its watch", async () => {
    const { server, url } = await start();
    const leave = new AbortController();
    await fetch(`${url}${podsPath}?watch=true`, { signal: leave.signal });
    expect(server.openWatches).toBe(1);
    leave.abort();
    await expect.poll(() => server.openWatches).toBe(0);
  });

  test("apply takes YAML", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/api/v1/namespaces/default/configmaps/cm?fieldManager=me`, {
      method: "PATCH",
      body: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cm\ndata:\n  a: b\n",
      headers: { "content-type": "application/apply-patch+yaml" },
    });
    expect([response.status, ((await response.json()) as { data: unknown }).data]).toEqual([201, { a: "b" }]);
  });

  test("what is no JSON is 400, what is no media type of ours is 415", async () => {
    const { url } = await start();
    expect((await post(url + podsPath, "{nonsense")).status).toBe(400);
    expect((await post(url + podsPath, "k8s", "application/vnd.kubernetes.protobuf")).status).toBe(415);
  });

  test("Retry-After is a header", async () => {
    const { server, url } = await start();
    server.faults.rejectNext(1, { status: 429, retryAfterSeconds: 2 });
    expect((await fetch(url + podsPath)).headers.get("retry-after")).toBe("2");
  });

  test("health, version and discovery", async () => {
    const { url } = await start();
    for (const path of ["/readyz", "/livez", "/healthz"]) expect(await (await fetch(url + path)).text()).toBe("ok");
    expect(await (await fetch(`${url}/version`)).json()).toMatchObject({ gitVersion: "v1.36.3" });
    expect(await (await fetch(`${url}/apis`)).json()).toMatchObject({ kind: "APIGroupList" });
    expect((await fetch(`${url}/api/v1/foo`)).status).toBe(404);
    expect(await (await fetch(`${url}/apis/coordination.k8s.io/v1`)).json()).toMatchObject({
      resources: [{ name: "leases", kind: "Lease" }],
    });
  });
});
