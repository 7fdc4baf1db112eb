import { describe, expect, it } from "vitest";

import { summaryFixture } from "../testing/cluster.ts";
import { testModel } from "../testing/model.ts";

import { parseCommand } from "./commands.ts";
import { back, perform, performCommand } from "./perform.ts";

describe("Esc", () => {
  it("closes what is open, then empties the filter, then goes up", () => {
    const { model, gone } = testModel();
    model.arrive("#/cpu/pods/shop/cart-0");
    model.nodeOfPod.value = "worker-1";
    model.overlay.value = "help";
    model.explaining.value = "strip.pods";
    model.filter.value = "cart";
    back(model);
    expect([model.overlay.value, model.explaining.value]).toEqual([null, "strip.pods"]);
    back(model);
    expect([model.explaining.value, model.filter.value]).toEqual([null, "cart"]);
    back(model);
    expect([model.filter.value, gone]).toEqual(["", []]);
    back(model);
    expect(gone).toEqual(["#/cpu/nodes/worker-1"]);
  });

  it("goes back to where a pod was opened until its own node is heard of, and never to another pod's", () => {
    const { model, gone } = testModel();
    model.arrive("#/cpu/nodes/worker-1");
    model.arrive("#/cpu/pods/shop/cart-0");
    back(model);
    model.nodeOfPod.value = "worker-2";
    model.arrive("#/cpu/pods/shop/cart-1");
    back(model);
    expect(gone).toEqual(["#/cpu/nodes/worker-1", "#/cpu"]);
  });
});

describe("keys", () => {
  it("lead to views, and give the others to the list that is open", () => {
    const { model, gone } = testModel();
    const asked: string[] = [];
    model.list = { move: (move) => asked.push(move), aside: (to) => asked.push(to), open: () => asked.push("open") };
    perform(model, { do: "view", view: "gpus" });
    perform(model, { do: "move", move: "down" });
    perform(model, { do: "aside", to: "left" });
    perform(model, { do: "open" });
    expect([gone, asked]).toEqual([["#/gpus"], ["down", "left", "open"]]);
  });

  it("change the order, the theme and the kind of view, and keep the theme", () => {
    const { model, kept } = testModel();
    perform(model, { do: "order" });
    perform(model, { do: "theme" });
    perform(model, { do: "table" });
    expect([model.order.value, model.theme.value, model.isTable.value]).toEqual(["price", "light", true]);
    expect(kept.get("walras.theme")).toBe("light");
    perform(model, { do: "order" });
    perform(model, { do: "order" });
    expect(model.order.value).toBe("name");
  });

  it("copy the YAML that is recommended, and say where there is none", async () => {
    const { model, copied } = testModel();
    await model.copyYaml();
    expect(model.said.value).toBe("nothing to copy here");
    model.yaml.value = "resources: {}";
    await model.copyYaml();
    expect([copied, model.said.value]).toEqual([["resources: {}"], "YAML copied"]);
  });
});

describe("commands", () => {
  it("go, set, and say what is wrong", () => {
    const { model, gone, kept } = testModel();
    model.overlay.value = "command";
    expect(performCommand(model, parseCommand("nonsense"))).toBe("no command nonsense");
    expect(model.overlay.value).toBe("command");
    expect(performCommand(model, parseCommand("node worker-1"))).toBeNull();
    expect([model.overlay.value, gone]).toEqual([null, ["#/cpu/nodes/worker-1"]]);
    performCommand(model, parseCommand("price 0.1"));
    expect([model.price.value, kept.get("walras.price")]).toEqual([0.1, "0.1"]);
    performCommand(model, parseCommand("price default"));
    expect([model.price.value, kept.has("walras.price")]).toEqual([null, false]);
  });

  it("sign out: the token is forgotten", () => {
    const { model } = testModel();
    model.outside.tokens.write("secret");
    performCommand(model, parseCommand("signout"));
    expect([model.outside.tokens.read(), model.refused.value?.status]).toEqual([null, 401]);
  });
});

describe("an address", () => {
  it("that is none is told, and the place stays", () => {
    const { model } = testModel();
    model.arrive("#/gpus");
    model.arrive("#/nonsense");
    expect([model.route.value, model.wrongAddress.value]).toEqual([
      { at: "list", view: "gpus", item: null },
      "#/nonsense",
    ]);
    model.arrive("#/gpus");
    expect(model.wrongAddress.value).toBeNull();
  });

  it("of another place empties the filter", () => {
    const { model } = testModel();
    model.filter.value = "cart";
    model.arrive("#/slots");
    expect(model.filter.value).toBe("");
  });

  it("of the nodes may come with a filter", () => {
    const { model, gone } = testModel();
    model.findNodes("rationed>0");
    expect([model.filter.value, gone]).toEqual(["rationed>0", ["#/cpu"]]);
    model.arrive("#/slots");
    model.findNodes("state:unknown");
    expect(model.filter.value).toBe("");
    model.arrive("#/cpu");
    expect(model.filter.value).toBe("state:unknown");
  });
});

describe("rows of nodes", () => {
  it("follow the summary, the filter and the order; what has not changed is not sorted anew", () => {
    const { model } = testModel();
    expect(model.rows.value).toEqual([]);
    const summary = summaryFixture();
    model.summary.value = summary;
    const before = model.rows.value;
    expect(before).toHaveLength(168);
    model.summary.value = { ...summary, cells: { ...summary.cells, node: [...summary.cells.node] } };
    expect(model.rows.value).toBe(before);
    model.filter.value = "state:unknown";
    expect(model.rows.value).toHaveLength(2);
  });
});
