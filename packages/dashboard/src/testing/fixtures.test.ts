import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  dashboardGpus,
  dashboardIntents,
  dashboardNode,
  dashboardPod,
  dashboardReleases,
  dashboardSlots,
  dashboardSummary,
  explainKeys,
} from "@walras/api";
import { expect, it } from "vitest";
import type { z } from "zod";

import { nodeFixture, scarceNode, summaryFixture, unknownNode } from "./cluster.ts";
import { gpusFixture, intentsFixture, releasesFixture, slotsFixture } from "./parts.ts";
import { podTimeLine } from "./pod.ts";

const fixtures: readonly (readonly [string, z.ZodType, unknown])[] = [
  ["summary", dashboardSummary, summaryFixture()],
  ["node", dashboardNode, nodeFixture(scarceNode)],
  ["unknown node", dashboardNode, nodeFixture(unknownNode)],
  ["pod", dashboardPod, podTimeLine()],
  ["releases", dashboardReleases, releasesFixture()],
  ["slots", dashboardSlots, slotsFixture()],
  ["gpus", dashboardGpus, gpusFixture()],
  ["intents", dashboardIntents, intentsFixture()],
];

it.each(fixtures)("%s is what the controller may answer", (_, schema, fixture) => {
  expect(schema.parse(fixture)).toEqual(fixture);
});

it("the page asks for explanations that there are", () => {
  const source = join(import.meta.dirname, "..");
  const texts = globSync("{views,widgets,state}/*.{ts,tsx}", { cwd: source }).map((file) =>
    readFileSync(join(source, file), "utf8"),
  );
  const asked = texts.flatMap((text) =>
    [...text.matchAll(/"((?:strip|cell|node|nodePod|pod|ghost|release|slots|gpu|intent)\.\w+)"/g)].map(
      ([, key]) => key,
    ),
  );
  expect(asked.length).toBeGreaterThan(30);
  expect(asked.filter((key) => !(explainKeys as readonly (string | undefined)[]).includes(key))).toEqual([]);
});
