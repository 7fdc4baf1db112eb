import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { formatRoute, parseRoute, type Route, start, upFrom, views } from "./route.ts";

const name = fc.string({ minLength: 1 }).filter((text) => !text.includes("/") && text.isWellFormed());
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({ at: fc.constant("node" as const), node: name }),
  fc.record({ at: fc.constant("pod" as const), namespace: name, pod: name }),
  fc.record({
    at: fc.constant("list" as const),
    view: fc.constantFrom(...views.filter((view) => view !== "cpu")),
    item: fc.option(fc.tuple(name, name).map((parts) => parts.join("/"))),
  }),
);

describe("addresses", () => {
  it("lead back to the place that they were made of", () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(formatRoute(one))).toEqual(one);
      }),
    );
  });

  it("begin at the nodes", () => {
    for (const fragment of ["", "#", "#/", "#/cpu", "#/cpu/"]) expect(parseRoute(fragment)).toEqual(start);
  });

  it("that are none of the page's are said to be none", () => {
    for (const fragment of [
      "#/disks",
      "#/cpu/nodes",
      "#/cpu/nodes/a/b",
      "#/cpu/pods/shop",
      "#/cpu/pods/a/b/c",
      "#/cpu/x/y",
      "#/%E0%A4%A",
    ])
      expect(parseRoute(fragment)).toBeNull();
  });
});

describe("the way up", () => {
  it("leads from a pod to its node, from there to all nodes", () => {
    const pod: Route = { at: "pod", namespace: "shop", pod: "cart-0" };
    expect(upFrom(pod, "worker-1")).toEqual({ at: "node", node: "worker-1" });
    expect(upFrom(pod, null)).toEqual(start);
    expect(upFrom({ at: "node", node: "worker-1" }, null)).toEqual(start);
  });

  it("leads from an item to its list, and ends there", () => {
    expect(upFrom({ at: "list", view: "intents", item: "shop/cart" }, null)).toEqual({
      at: "list",
      view: "intents",
      item: null,
    });
    expect(upFrom({ at: "list", view: "intents", item: null }, null)).toBeNull();
  });
});
