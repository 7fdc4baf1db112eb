import { expect, it, onTestFinished } from "vitest";

import { readTexts } from "../config/testing/readTexts.ts";
import { ArgoLink } from "./link.ts";
import { FakeArgo } from "./testing/fakeArgo.ts";

it("R7: another address is another client, and what went on with the one before ends", async () => {
  const [one, other] = [new FakeArgo(), new FakeArgo()];
  for (const [argo, name] of [
    [one, "old"],
    [other, "new"],
  ] as const) {
    await argo.start();
    argo.add(name);
  }
  let baseUrl = one.url;
  const { argo } = readTexts("").policy;
  const link = new ArgoLink({
    policy: () => ({ ...argo, baseUrl }),
    env: { ARGO_TOKEN: one.token },
    monotonicMs: () => performance.now(),
    onUnreadable: () => undefined,
  });
  onTestFinished(async () => {
    await link.close();
    await one.stop();
    await other.stop();
  });
  const { signal } = new AbortController();
  const names = async (): Promise<string[]> => (await link.list(signal)).map(({ name }) => name);
  expect(await names()).toEqual(["old"]);
  const told: string[] = [];
  const stream = (async () => {
    for await (const event of link.stream(signal)) told.push(event.application.name);
  })();
  await expect.poll(() => told).toEqual(["old"]);
  link.renew();
  expect(await names()).toEqual(["old"]);
  baseUrl = other.url;
  link.renew();
  await expect(stream).rejects.toThrow();
  expect(await names()).toEqual(["new"]);
});

it("R7: an authority that cannot be read is told at each call, until it can be", async () => {
  let caFile: string | null = null;
  const { argo } = readTexts("").policy;
  const link = new ArgoLink({
    policy: () => ({ ...argo, baseUrl: "http://127.0.0.1:1", caFile }),
    env: {},
    monotonicMs: () => 0,
    onUnreadable: () => undefined,
  });
  const { signal } = new AbortController();
  await expect(link.list(signal)).rejects.toThrow("no token");
  caFile = "/nowhere/ca.pem";
  for (let call = 0; call < 2; call++) expect(() => link.list(signal)).toThrow('argo.ca_file: "/nowhere/ca.pem"');
  caFile = null;
  await expect(link.list(signal)).rejects.toThrow("no token");
});
