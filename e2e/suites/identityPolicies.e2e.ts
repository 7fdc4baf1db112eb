import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describeError } from "@walras/kit";
import { resources } from "@walras/kube";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";

import type { Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const node = "node1";
let stage: Stage;
let running: Program[] = [];

function started<T extends Program>(program: T): T {
  running.push(program);
  return program;
}

beforeAll(async () => {
  if (inject("local")) stage = await openStage("identity-policies");
});

afterAll(() => stage?.close());

afterEach(async () => {
  for (const program of running) await program.kill("SIGKILL");
  running = [];
  if (stage)
    await stage.cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-controller", "--ignore-not-found");
});

describe.skipIf(!inject("local"))("what keeps others from what is the controller's", () => {
  const resource = ["allocation.mbcas.io", "podallocations"] as const;
  const own = "--as=system:serviceaccount:walras-system:walras-controller";
  const name = "guarded";
  const refusal = (...args: string[]): Promise<string> =>
    stage.cluster.kubectl("-n", stage.namespace, ...args).then(() => "done", describeError);
  const patch = (spec: object, ...more: string[]): Promise<string> =>
    refusal("patch", `${resource[1]}.${resource[0]}`, name, "--type=merge", "-p", JSON.stringify(spec), ...more);
  const create = async (...more: string[]): Promise<string> => {
    const file = join(stage.programs.folder, "allocation.yaml");
    const spec = { namespace: stage.namespace, podName: "web", podUID: "u", desiredCPURequest: "10m", containers: [] };
    const metadata = { name, namespace: stage.namespace };
    await writeFile(
      file,
      JSON.stringify({ apiVersion: `${resource[0]}/v1alpha1`, kind: "PodAllocation", metadata, spec }),
    );
    return refusal("create", "-f", file, ...more);
  };
  const alone =
    /spec and status of a PodAllocation are written by system:serviceaccount:walras-system:walras-controller alone, not by /;

  beforeAll(async () => {
    if (!stage) return;
    await stage.cluster.kubectl("apply", "-k", join(deploy, "kustomize", "policies"));
    await eventually(
      "the policies to hold",
      () => create("--dry-run=server"),
      (said) => alone.test(said),
    );
  });

  afterAll(async () => {
    if (stage) await stage.cluster.kubectl("delete", "-k", join(deploy, "kustomize", "policies"), "--ignore-not-found");
  });

  it("lets nobody but the controller write spec and status of a PodAllocation, and everybody its labels", async () => {
    expect(await create()).toMatch(alone);
    expect(await create(own)).toBe("done");
    expect(await patch({ spec: { desiredCPURequest: "9" } })).toMatch(alone);
    expect(await patch({ status: { phase: "Applied" } }, "--subresource=status")).toMatch(alone);
    expect(await patch({ metadata: { labels: { team: "a" } } })).toBe("done");
    expect(await patch({ spec: { desiredCPURequest: "20m" } }, own)).toBe("done");
    expect(await patch({ status: { phase: "Applied" } }, "--subresource=status", own)).toBe("done");
    expect(await refusal("delete", `${resource[1]}.${resource[0]}`, name)).toBe("done");
  });

  it("lets the real controller write what it has to", async () => {
    const { cluster, namespace, programs } = stage;
    const controller = started(await programs.startController({ mode: "recommend" }));
    started(await programs.startAgent(node, [controller]));
    await cluster.create(resources.pod, namespace, {
      metadata: { name: "web", labels: { "mbcas.io/managed": "true" } },
      spec: {
        nodeName: node,
        containers: [
          {
            name: "app",
            image: cluster.target.loadImage,
            imagePullPolicy: "Never",
            args: ["0.05"],
            resources: { requests: { cpu: "100m" }, limits: { cpu: "200m" } },
          },
        ],
      },
    });
    await eventually(
      "an allocation with status",
      () => cluster.allocation(namespace, "web"),
      (found) => found?.status?.reason === "Recommended",
      60_000,
    );
    await cluster.deletePod(namespace, "web");
  });

  it("lets a namespace leave the market only where that is said to be meant", async () => {
    const { namespace } = stage;
    const label = (text: string): Promise<string> => refusal("label", "namespace", namespace, text, "--overwrite");
    const annotate = (text: string): Promise<string> =>
      refusal("annotate", "namespace", namespace, text, "--overwrite");
    const slip = new RegExp(
      `all pods of namespace ${namespace} would leave the market: annotate it with mbcas.io/opt-out=true`,
    );
    expect(await label("mbcas.io/managed=true")).toBe("done");
    expect(await label("mbcas.io/managed-")).toMatch(slip);
    expect(await label("mbcas.io/managed=false")).toMatch(slip);
    expect(await label("team=a")).toBe("done");
    expect(await annotate("mbcas.io/opt-out=true")).toBe("done");
    expect(await label("mbcas.io/managed-")).toBe("done");
    expect(await label("mbcas.io/managed=true")).toMatch(/remove that before its pods enter the market/);
    expect(await annotate("mbcas.io/opt-out-")).toBe("done");
    expect(await label("mbcas.io/managed=true")).toBe("done");
    expect(await annotate("mbcas.io/opt-out=true")).toBe("done");
  });
});
