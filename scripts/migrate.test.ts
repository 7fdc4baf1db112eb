// What docs/migrate.md tells users of MBCAS to type: every command of their checklist has an answer, and every answer exists.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { execa } from "execa";
import { describe, expect, it } from "vitest";

import { build } from "./manifests/load.ts";
import { workloads } from "./manifests/pods.ts";

const root = join(import.meta.dirname, "..");

/** Every command of the checklist, as it stands there. */
const told = [
  "minikube start --feature-gates=InPlacePodVerticalScaling=true",
  "kubectl api-resources | grep resize",
  "kubectl apply -f config/crd/bases/allocation.mbcas.io_podallocations.yaml",
  "docker build -f Dockerfile.controller -t mbcas-controller:latest .",
  "docker build -f Dockerfile.agent -t mbcas-agent:latest .",
  "docker push <registry>/mbcas-controller:latest",
  "docker push <registry>/mbcas-agent:latest",
  "kubectl apply -f config/rbac/",
  "kubectl apply -f config/agent/rbac.yaml",
  "kubectl apply -f config/controller/deployment.yaml",
  "kubectl apply -f config/agent/daemonset.yaml",
  "kubectl get pods -n system -l app.kubernetes.io/component=controller",
  "kubectl get pods -n system -l app.kubernetes.io/component=agent",
  "kubectl get podallocations --all-namespaces",
];

const programs = /^(?:kubectl|docker|kustomize|minikube|pnpm)\b/;

interface Row {
  readonly told: string;
  readonly here: string;
}

const section = /## MBCAS\n([^]*?)\n## /.exec(readFileSync(join(root, "docs", "migrate.md"), "utf8"))?.[1] ?? "";
const rows: readonly Row[] = section
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| ---") && !line.startsWith("| what is told"))
  .map((line) => line.replaceAll(String.raw`\|`, "\u0000").split("|"))
  .map(([, first = "", second = ""]) => ({ told: restored(first), here: restored(second) }));

function restored(cell: string): string {
  return cell.replaceAll("\u0000", "|").trim();
}

function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code).filter((code) => programs.test(code));
}

/** "the same" is what is told, perhaps in another namespace; or what the row before says. */
const answers = [
  ...new Set(
    rows.flatMap(({ told: first, here }) => {
      const own = commandsIn(here);
      const isSame = here.startsWith("the same") && !first.includes("config/");
      const [, namespace] = /`-n ([\w-]+)`/.exec(here) ?? [];
      const same = commandsIn(isSame ? first : "");
      return [...own, ...same.map((text) => (namespace ? text.replace(/-n \w+/, `-n ${namespace}`) : text))];
    }),
  ),
];

/** What is wrong with a command; null: it can be typed in a checkout. */
async function complaint(command: string): Promise<string | null> {
  const words = command.split(" ").filter((word) => word !== "--silent");
  switch (words[0] ?? "") {
    case "kubectl":
      return kubectlComplaint(words.slice(1));
    case "docker":
      return words[1] === "build" ? missing(words[words.indexOf("-f") + 1] ?? "") : null;
    case "kustomize":
      return missing(join("deploy", "kustomize", "overlays", "mbcas", words.at(-1) ?? ""));
    case "minikube":
      return words.slice(1).join(" ") === "start" ? null : "is not how it is started";
    default:
      return walrasComplaint(words.slice(1));
  }
}

function missing(path: string): string | null {
  return path === "-" || existsSync(join(root, path)) ? null : `there is no ${path}`;
}

async function kubectlComplaint(words: readonly string[]): Promise<string | null> {
  const valueOf = (flag: string): string => words[words.indexOf(flag) + 1] ?? "";
  if (words[0] === "apply" && words.includes("-f")) return missing(valueOf("-f"));
  const overlay = join(root, words[0] === "apply" ? valueOf("-k") : "deploy/kustomize/overlays/mbcas");
  const objects = await build(overlay);
  if (words[0] === "apply") return objects.length > 0 ? null : "it makes nothing";
  if (words[1] === "pods") {
    const [key = "", value] = valueOf("-l").split("=");
    const found = workloads(objects).filter((pod) => pod.namespace === valueOf("-n") && pod.labels[key] === value);
    return found.length === 1 ? null : `it selects ${found.length} workloads`;
  }
  const isKind = objects.some(({ metadata }) => metadata.name.startsWith(`${words[1]}.`));
  return isKind ? null : `${words[1]} is no kind of ours`;
}

async function walrasComplaint([program, name = "", ...flags]: readonly string[]): Promise<string | null> {
  if (program !== "walras") return `${program} is no script`;
  const main = join(root, "packages", "cli", "src", "main.ts");
  const { stdout } = await execa("node", [main, name, "--help"], { cwd: root, preferLocal: true });
  const unknown = flags.filter((flag) => flag.startsWith("--") && !stdout.includes(flag));
  return unknown.length === 0 ? null : `${name} knows no ${unknown.join(", ")}`;
}

describe("what users of MBCAS are told", () => {
  it("names every command of their checklist, each once", () => {
    const named = rows.flatMap((row) => commandsIn(row.told));
    expect(named.toSorted()).toEqual(told.toSorted());
  });

  it("answers each", () => {
    expect(rows.length).toBeGreaterThan(told.length);
    expect(rows.filter(({ here }) => here === "")).toEqual([]);
    expect(answers.length).toBeGreaterThan(10);
  });

  it.each(answers)("parses, and finds what it names: %s", async (command) => {
    expect(await complaint(command)).toBeNull();
  });
});
