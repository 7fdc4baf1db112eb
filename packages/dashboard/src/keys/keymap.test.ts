import { expect, it } from "vitest";

import { actionOf, type Pressed } from "./keymap.ts";

const pressed = (key: string, held: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

it.each([
  ["j", { do: "move", move: "down" }],
  ["ArrowUp", { do: "move", move: "up" }],
  ["G", { do: "move", move: "last" }],
  ["l", { do: "aside", to: "right" }],
  ["2", { do: "view", view: "releases" }],
  ["Enter", { do: "open" }],
  ["Escape", { do: "back" }],
  ["/", { do: "filter" }],
  [":", { do: "command" }],
  ["?", { do: "help" }],
  ["y", { do: "copy" }],
  ["6", null],
  ["x", null],
  ["constructor", null],
])("%s", (key, action) => {
  expect(actionOf(pressed(key))).toEqual(action);
});

it("keys that are held with others are the browser's", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }])
    expect(actionOf(pressed("j", held))).toBeNull();
});
