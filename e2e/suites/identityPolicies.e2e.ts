import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { podAllocationResource } from "@walras/api";
import { describeError } from "@walras/kit";
import { HttpTransport, loadEndpoint, objectPath, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { identityBed, node } from "../harness/identityBed.ts";
import { eventually } from "../harness/wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const bed = identityBed("identity-policies");

describe.skipIf(!inject("local"))("what keeps others from what is the controller's", () => {
  const resource = ["allocation.mbcas.io", "podallocations"] as const;
  const own = "--as=system:serviceaccount:walras-system:walras-controller";
  const name = "guarded";
  const refusal = (...args: string[]): Promise<string> =>
    bed.stage.cluster.kubectl("-n", bed.stage.namespace, ...args).then(() => "done", describeError);
  const patch = (spec: object, ...more: string[]): Promise<string> =>
    refusal("patch", `${resource[1]}.${resource[0]}`, name, "--type=merge", "-p", JSON.stringify(spec), ...more);
  const create = async (...more: string[]): Promise<string> => {
    const file = join(bed.stage.programs.folder, "allocation.yaml");
    const spec = {
      namespace: bed.stage.namespace,
      podName: "web",
      podUID: "u",
      desiredCPURequest: "10m",
      containers: [],
    };
    const metadata = { name, namespace: bed.stage.namespace };
    await writeFile(
      file,
      JSON.stringify({ apiVersion: `${resource[0]}/v1alpha1`, kind: "PodAllocation", metadata, spec }),
    );
    return refusal("create", "-f", file, ...more);
  };
  const alone =
    /spec and status of a PodAllocation are written by system:serviceaccount:walras-system:walras-controller alone, not by /;

  beforeAll(async () => {
    if (!bed.stage) return;
    await bed.stage.cluster.kubectl("apply", "-k", join(deploy, "kustomize", "policies"));
    await eventually(
      "the policies to hold",
      () => create("--dry-run=server"),
      (said) => alone.test(said),
    );
  });

  afterAll(async () => {
    if (bed.stage)
      await bed.stage.cluster.kubectl("delete", "-k", join(deploy, "kustomize", "policies"), "--ignore-not-found");
  });

  it("lets nobody but the controller write spec and status of a PodAllocation, and everybody its labels", async () => {
    expect(await create()).toMatch(alone);
    expect(await create(own)).toBe("done");
    expect(await patch({ spec: { desiredCPURequest: "9" } })).toMatch(alone);
    expect(await patch({ status: { phase: "Applied" } }, "--subresource=status")).toMatch(alone);
    expect(await patch({ metadata: { labels: { team: "a" } } })).toBe("done");
    const monotonicMs = (): number => performance.now();
    const endpoint = await loadEndpoint(bed.stage.programs.controllerKubeconfig, monotonicMs);
    const transport = new HttpTransport({ endpoint, userAgent: "walras-e2e", monotonicMs });
    const path = objectPath(podAllocationResource, { namespace: bed.stage.namespace, name });
    const contentType = "application/merge-patch+json";
    await transport.send({ method: "PATCH", path, contentType, body: { spec: { desiredCPURequest: "20m" } } });
    const status = { phase: "Applied" };
    await transport.send({ method: "PATCH", path: `${path}/status`, contentType, body: { status } });
    await transport.close();
    expect(await refusal("delete", `${resource[1]}.${resource[0]}`, name)).toBe("done");
  });

  it("lets the real controller write what it has to", async () => {
    const { cluster, namespace, programs } = bed.stage;
    const controller = bed.started(await programs.startController({ mode: "recommend" }));
    bed.started(await programs.startAgent(node, [controller]));
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
    const { namespace } = bed.stage;
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
