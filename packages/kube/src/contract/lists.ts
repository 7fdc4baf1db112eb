import { beforeAll, describe, expect, test } from "vitest";

import { listAll } from "../list.ts";
import { resources } from "../paths.ts";
import { configMap, pod } from "./bodies.ts";
import { configMaps, failureOf, type Scratch } from "./scratch.ts";

const names = ["a", "b", "c", "d", "e"].map((letter) => `listed-${letter}`);

/** Pages, selectors and versions of lists. */
export function listContract(use: () => Scratch): void {
  describe("lists", () => {
    beforeAll(async () => {
      for (const name of names) {
        const tier = name < "listed-c" ? "low" : "high";
        await use().create(configMaps, configMap(name, {}, { list: "yes", tier }));
      }
    });
    paging(use);
    selection(use);
  });
}

function paging(use: () => Scratch): void {
  test("pages are of one version, whatever happens between them", async () => {
    const query = { limit: "2", labelSelector: "list=yes" };
    const first = await use().list(configMaps, query);
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(names.slice(0, 2));
    await use().create(configMaps, configMap("listed-late", {}, { list: "yes" }));
    const second = await use().list(configMaps, { ...query, continue: first.metadata.continue ?? "" });
    const third = await use().list(configMaps, { ...query, continue: second.metadata.continue ?? "" });
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(names.slice(2, 4));
    expect(third.items.map(({ metadata }) => metadata.name)).toEqual(names.slice(4));
    expect(third.metadata.continue ?? "").toBe("");
    expect(third.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    await use().remove([configMaps, "listed-late"]);
  });

  test("listAll finds what is there, at the version the server is at", async () => {
    const { namespace, transport } = use();
    const { items, resourceVersion } = await listAll(transport, configMaps, { namespace });
    const found = items.map((item) => (item as { metadata: { name: string } }).metadata.name);
    expect(found).toEqual(expect.arrayContaining(names));
    const exact = await listAll(transport, configMaps, { namespace, resourceVersion });
    expect(exact).toEqual({ items, resourceVersion });
  });

  test("a continue token that is none is 400", async () => {
    const failure = await failureOf(use().list(configMaps, { limit: "2", continue: "nonsense" }));
    expect(failure.status).toBe(400);
  });
}

function selection(use: () => Scratch): void {
  test.each([
    ["list=yes,tier=low", names.slice(0, 2)],
    ["list=yes,tier!=low", names.slice(2)],
    ["tier in (low, high),list", names],
    ["list,tier notin (low)", names.slice(2)],
    ["list,!tier", []],
  ])("labels %s", async (labelSelector, wanted) => {
    const { items } = await use().list(configMaps, { labelSelector });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(wanted);
  });

  test("fields: names, nodes and phases", async () => {
    await use().create(resources.pod, pod("fields"));
    const found = async (fieldSelector: string): Promise<string[]> =>
      (await use().list(resources.pod, { fieldSelector })).items.map(({ metadata }) => metadata.name);
    expect(await found("metadata.name=fields")).toEqual(["fields"]);
    expect(await found("spec.nodeName=,metadata.name=fields,status.phase=Pending")).toEqual(["fields"]);
    expect(await found("spec.nodeName=elsewhere")).toEqual([]);
    expect((await failureOf(found("spec.nosuch=x"))).status).toBe(400);
  });

  test("a selector that is none is 400", async () => {
    expect((await failureOf(use().list(configMaps, { labelSelector: "a in (" }))).status).toBe(400);
  });
}
