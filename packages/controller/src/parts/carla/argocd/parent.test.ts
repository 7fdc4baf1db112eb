import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { pendingApplication } from "../act/testing.ts";
import { Catalogue } from "./catalogue.ts";
import { decodeApplication } from "./decode.ts";
import { parentOf } from "./parent.ts";

const child = { namespace: "argocd", name: "child" };
const own = "argoproj.io/Application:argocd/child";

describe("R11: who manages an Application", () => {
  it.each<[string, Record<string, string>, Record<string, string>, string | null]>([
    ["the tracking id's application", { "argocd.argoproj.io/tracking-id": `apps:${own}` }, {}, "argocd/apps"],
    ["one of another namespace", { "argocd.argoproj.io/tracking-id": `team_apps:${own}` }, {}, "team/apps"],
    ["the instance label's, where that tracks", {}, { "app.kubernetes.io/instance": "apps" }, "argocd/apps"],
    [
      "the tracking id's rather than the label's",
      { "argocd.argoproj.io/tracking-id": `apps:${own}` },
      { "app.kubernetes.io/instance": "chart" },
      "argocd/apps",
    ],
    [
      "nobody, by an id copied from elsewhere",
      { "argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/other" },
      {},
      null,
    ],
    [
      "nobody, by an id of another kind",
      { "argocd.argoproj.io/tracking-id": "apps:/ConfigMap:argocd/child" },
      {},
      null,
    ],
    ["nobody, by an id that is none", { "argocd.argoproj.io/tracking-id": "x" }, {}, null],
    ["nobody, by its own name", {}, { "app.kubernetes.io/instance": "child" }, null],
    ["nobody, unmarked", {}, {}, null],
  ])("is %s", (_, annotations, labels, parent) => {
    const found = parentOf(child, { annotations, labels }, "argocd");
    expect(found && `${found.namespace}/${found.name}`).toBe(parent);
  });

  it("is told by what Argo CD streams, with labels and destination", () => {
    const application = decodeApplication(
      {
        metadata: { ...child, annotations: { "argocd.argoproj.io/tracking-id": `apps:${own}` }, labels: { team: "x" } },
        spec: { destination: { name: "edge", server: "" } },
      },
      "argocd",
    );
    expect(application).toMatchObject({ parent: "argocd/apps", labels: { team: "x" }, clusters: ["edge"] });
  });

  it("is kept up to date, at any depth, and survives a circle", () => {
    const catalogue = new Catalogue(new VirtualClock());
    const put = (name: string, parent: string | null, resourceVersion = "1"): void =>
      catalogue.put(pendingApplication({ name, uid: name, parent: parent && `argocd/${parent}`, resourceVersion }));
    const below = (name: string): string[] => catalogue.descendants(`argocd/${name}`).map((one) => one.name);
    put("b", "a");
    put("c", "b");
    put("d", "a");
    expect([below("a"), below("b"), below("d")]).toEqual([["b", "c", "d"], ["c"], []]);
    put("d", null, "2");
    put("a", "c");
    expect(below("a")).toEqual(["b", "c"]);
    catalogue.remove("argocd/c");
    expect(below("a")).toEqual(["b"]);
    catalogue.retain(new Set(["argocd/a"]), Infinity);
    expect(below("a")).toEqual([]);
  });
});
