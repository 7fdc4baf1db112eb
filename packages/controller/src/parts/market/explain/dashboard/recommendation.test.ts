import { expect, it } from "vitest";
import { parse } from "yaml";

import { aContainerState, aPod } from "../../../../base/cluster/testing.ts";
import type { Target } from "../../decide/snapshot.ts";
import { recommendationOf } from "./recommendation.ts";

function target(part: Partial<Target>): Target {
  const bid = { weight: 1, floorMilli: 10, capMilli: 100 };
  return {
    podUid: "uid-1",
    container: "app",
    requestMilli: 80,
    limitMilli: 250,
    bid,
    rationMilli: null,
    binding: "Need",
    pressed: false,
    ...part,
  };
}

it("is YAML for the template of what makes the pod, of the containers that the market speaks of", () => {
  const containers = ["app", "log", "held", "beside"].map((name) => aContainerState({ name }));
  const pod = aPod({ containers, workload: { kind: "Deployment", name: "web" } });
  const targets = [
    target({}),
    target({ container: "log", requestMilli: 1_200.4, limitMilli: null }),
    target({ container: "held", binding: "Held" }),
  ];
  const yaml = recommendationOf(pod, targets) ?? "";
  expect(yaml).toContain("# Deployment web, spec.template.spec");
  expect(parse(yaml)).toEqual({
    containers: [
      { name: "app", resources: { requests: { cpu: "80m" }, limits: { cpu: "250m" } } },
      { name: "log", resources: { requests: { cpu: "1201m" } } },
    ],
  });
});

it("is nothing where the market says nothing", () => {
  expect(recommendationOf(aPod(), [])).toBeNull();
  expect(recommendationOf(aPod(), [target({ binding: "Held" })])).toBeNull();
});
