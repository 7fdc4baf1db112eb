import { expect, it } from "vitest";

import { completions, parseCommand } from "./commands.ts";

it.each([
  ["gpu", { do: "go", route: { at: "list", view: "gpus", item: null } }],
  [":releases ", { do: "go", route: { at: "list", view: "releases", item: null } }],
  ["node worker-1", { do: "go", route: { at: "node", node: "worker-1" } }],
  ["pod shop/cart-0", { do: "go", route: { at: "pod", namespace: "shop", pod: "cart-0" } }],
  ["price 0.05", { do: "price", price: 0.05 }],
  ["price default", { do: "price", price: null }],
  ["theme dark", { do: "theme", theme: "dark" }],
  ["order price", { do: "order", order: "price" }],
  ["help", { do: "help" }],
  ["signout", { do: "signOut" }],
  ["", { do: "wrong", why: "no command" }],
  ["delete all", { do: "wrong", why: "no command delete" }],
  ["toString", { do: "wrong", why: "no command toString" }],
  ["node", { do: "wrong", why: "which node?" }],
  ["pod cart-0", { do: "wrong", why: "which pod? NAMESPACE/NAME" }],
  ["price cheap", { do: "wrong", why: "price cheap: a number from 0 on, or default" }],
  ["theme blue", { do: "wrong", why: "theme blue: system, light, dark" }],
])("%s", (text, command) => {
  expect(parseCommand(text)).toEqual(command);
});

it("commands, nodes and settings are completed", () => {
  expect(completions("p", [])).toEqual(["pod", "price"]);
  expect(completions("node worker-1", ["worker-1", "", "worker-10", "other"])).toEqual([
    "node worker-1",
    "node worker-10",
  ]);
  expect(completions("theme d", [])).toEqual(["theme dark"]);
  expect(completions("pod s", [])).toEqual([]);
  expect(
    completions(
      "node ",
      Array.from({ length: 20 }, (_, at) => `n${at}`),
    ),
  ).toHaveLength(8);
});
