import { describe, expect, it } from "vitest";

import { arrowsOf, circleIn, controllerFiles, drawing, roomOf } from "./imports.ts";

describe("the controller's folders", () => {
  it("import each other in one direction", () => {
    expect(circleIn(arrowsOf(controllerFiles()))).toBeNull();
  });

  it("are the base, which imports no part, and parts, which import no other part", () => {
    const arrows = [...arrowsOf(controllerFiles())].flatMap(([from, targets]) =>
      [...targets].map((to) => [from, to] as const),
    );
    const partOf = (room: string): string | undefined => /^parts\/(\w+)(\/|$)/.exec(room)?.[1];
    expect(arrows.filter(([from, to]) => from.startsWith("base") && !to.startsWith("base"))).toEqual([]);
    const strangers = arrows.filter(([from, to]) => partOf(from) && partOf(to) && partOf(from) !== partOf(to));
    expect(strangers).toEqual([]);
  });
});

describe("the drawing", () => {
  const files = new Map([
    ["parts/market/wire.ts", 'import { a } from "./act/a.ts";\nimport { b } from "../../base/b.ts";'],
    ["parts/market/act/a.ts", 'import { b } from "../../../base/b.ts";'],
    ["base/b.ts", ""],
  ]);

  it("finds a circle, types included", () => {
    expect(circleIn(arrowsOf(files))).toBeNull();
    const circle = new Map([...files, ["base/b.ts", 'import type { W } from "../parts/market/wire.ts";']]);
    expect(circleIn(arrowsOf(circle))).toEqual(["parts/market", "parts/market/act", "base", "parts/market"]);
  });

  it("puts each folder above those that it imports", () => {
    expect(drawing(arrowsOf(files)).split("\n").slice(1, -1)).toEqual([
      " 2  parts/market      base parts/market/act",
      " 1  parts/market/act  base",
      " 0  base",
    ]);
  });

  it("takes a part's own files together, and the base's by what they are", () => {
    expect(["main.ts", "base/base.ts", "base/ops/http.ts", "parts/carla/observe/change/diff.ts"].map(roomOf)).toEqual([
      "main.ts",
      "base",
      "base/ops",
      "parts/carla/observe",
    ]);
  });
});
