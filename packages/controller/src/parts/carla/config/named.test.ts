import { describe, expect, it } from "vitest";

import { applicationsIn, refOf } from "./named.ts";
import { readTexts } from "./testing/readTexts.ts";

const apps = `apps:
  - {name: web, namespace: team-a}
  - {name: team-b/web, dependsOn: [team-a/web]}
  - {name: base, depends_on: [team-b/web]}
  - {name: web}
`;

describe("R8: applications of one name in several namespaces", () => {
  it("are told apart by namespace and name; one that is alone with its name keeps it", () => {
    const config = readTexts("", apps);
    expect(config.apps.map(({ name, dependsOn }) => [name, ...dependsOn])).toEqual([
      ["team-a/web"],
      ["team-b/web", "team-a/web"],
      ["base", "team-b/web"],
      ["argocd/web"],
    ]);
    expect(config.apps.map((app) => refOf(app, config))).toEqual([
      { namespace: "team-a", name: "web" },
      { namespace: "team-b", name: "web" },
      { namespace: "argocd", name: "base" },
      { namespace: "argocd", name: "web" },
    ]);
  });

  it("are those of the policy's or the defaults' namespace where they name none", () => {
    const config = readTexts("argo: {app_namespace: cd}", "apps: [{name: web}, {name: cd2/web}, {name: one}]");
    expect(config.apps.map(({ name, namespace }) => [name, namespace])).toEqual([
      ["cd/web", "cd"],
      ["cd2/web", "cd2"],
      ["one", null],
    ]);
    const other = readTexts("", "apps: [{name: web}, {name: cd/web}]\ndefaults: {namespace: team}");
    expect(other.apps.map(({ name }) => name)).toEqual(["team/web", "cd/web"]);
  });

  it("are meant by both names, and by one where that is enough", () => {
    const meaning = applicationsIn(readTexts("", apps));
    expect(meaning("team-a/web")).toEqual(["team-a/web"]);
    expect(meaning("web")).toEqual(["team-a/web", "team-b/web", "argocd/web"]);
    expect(meaning("base")).toEqual(["base"]);
    expect(meaning("argocd/base")).toEqual(["base"]);
    expect(meaning("team-a/base")).toEqual([]);
  });

  it.each([
    [
      "[{name: web, namespace: a}, {name: web, namespace: b}, {name: c, dependsOn: [web]}]",
      'apps[2].dependsOn[0]: "web" may be a/web or b/web: write which',
    ],
    ["[{name: web}, {name: argocd/web}]", 'apps[1].name: "argocd/web" is the name of apps[0] too'],
    ["[{name: web}, {name: web, namespace: argocd}]", 'apps[1].name: "web" is the name of apps[0] too'],
    ["[{name: a/web, namespace: b}]", 'apps[0].name: "a/web" is not "name", or "namespace/name" without another'],
    ["[{name: /web}]", 'apps[0].name: "/web" is not'],
    ["[{name: a/b/c}]", 'apps[0].name: "a/b/c" is not'],
    ["[{name: a/}]", 'apps[0].name: "a/" is not'],
    ["[{name: a/web, dependsOn: [b/web]}, {name: b/web, dependsOn: [a/web]}]", "makes a cycle: a/web → b/web → a/web"],
    ["[{name: a/web, dependsOn: [c/web]}]", 'apps[0].dependsOn[0]: "c/web" is not the name of an application'],
  ])("are refused where they are not clear: %s", (list, complaint) => {
    expect(() => readTexts("", `apps: ${list}`)).toThrow(complaint);
  });

  it("may be one object twice by its namespace: a/web and web of namespace a", () => {
    const { apps: read } = readTexts("", "apps: [{name: a/web, namespace: a}, {name: b, dependsOn: [web]}]");
    expect(read.map(({ name, dependsOn }) => [name, ...dependsOn])).toEqual([["web"], ["b", "web"]]);
  });
});
