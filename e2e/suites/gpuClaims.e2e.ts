import { describeError } from "@walras/kit";
import { resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { driver, publish, withdraw } from "../bench/gpuRace/bed.ts";
import { installScheduler, race, type RaceResult } from "../bench/gpuRace/race.ts";
import type { Program } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

let stage: Stage;

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-claims");
  await installScheduler(stage.cluster);
});

afterAll(async () => {
  await stage?.close();
});

const templates = {
  apiVersion: "resource.k8s.io/v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  namespaced: true,
} as const;

interface SeenPod {
  readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly resourceClaimStatuses?: readonly { readonly resourceClaimName: string }[] };
}

interface SeenClaim {
  readonly metadata: { readonly finalizers?: readonly string[] };
  readonly status: {
    readonly allocation?: { readonly devices: { readonly results: readonly { readonly device: string }[] } };
    readonly reservedFor?: readonly { readonly uid: string }[];
  };
}

async function seen<Seen>(kind: "pod" | "resourceclaim", name: string): Promise<Seen> {
  return JSON.parse(await stage.cluster.kubectl("-n", stage.namespace, "get", kind, name, "-o=json")) as Seen;
}

/** A pod of ours with one claim. */
async function createPod(name: string, claim: object): Promise<void> {
  await stage.cluster.create(resources.pod, stage.namespace, {
    metadata: { name, labels: { "mbcas.io/managed": "false" } },
    spec: {
      schedulerName: "gpu-scheduler",
      terminationGracePeriodSeconds: 0,
      tolerations: [{ operator: "Exists" }],
      resourceClaims: [{ name: "gpus", ...claim }],
      containers: [{ name: "app", image: "fake:1", resources: { claims: [{ name: "gpus" }] } }],
    },
  });
}

describe.skipIf(!inject("local"))("resource claims on fake nodes", () => {
  describe("of one pod", () => {
    let removeNodes: (() => Promise<void>) | undefined;
    let controller: Program;

    beforeAll(async () => {
      removeNodes = await stage.cluster.target.controlPlane?.startFakeNodes(1, 3600);
      await publish(stage.cluster, { nodes: 1, pods: 1 });
      controller = await stage.programs.startController({ args: ["--parts=gpu"] });
    });

    afterAll(async () => {
      await controller.kill("SIGTERM");
      await withdraw(stage.cluster);
      await removeNodes?.();
    });

    it("that the controller manager makes from a template are allocated, reserved and kept from being deleted", async () => {
      const firstAvailable = [
        { name: "many", deviceClassName: driver, count: 16 },
        { name: "two", deviceClassName: driver, count: 2 },
      ];
      await stage.cluster.create(templates, stage.namespace, {
        metadata: { name: "two" },
        spec: { spec: { devices: { requests: [{ name: "gpu", firstAvailable }] } } },
      });
      await createPod("templated", { resourceClaimTemplateName: "two" });
      const { metadata, spec, status } = await eventually(
        "the pod to be bound",
        () => seen<SeenPod>("pod", "templated"),
        (pod) => pod.spec.nodeName !== undefined,
      );
      expect(spec.nodeName).toBe("kwok-1");
      expect(metadata.annotations).toMatchObject({ "gpu.walras.io/enforced-by": "dra" });
      const claim = await seen<SeenClaim>("resourceclaim", status.resourceClaimStatuses?.[0]?.resourceClaimName ?? "");
      expect(claim.metadata.finalizers).toContain("resource.kubernetes.io/delete-protection");
      expect(claim.status.allocation?.devices.results).toMatchObject([{ request: "gpu/two" }, { request: "gpu/two" }]);
      expect(claim.status.reservedFor?.map(({ uid }) => uid)).toEqual([metadata.uid]);
      await stage.cluster.deletePod(stage.namespace, "templated");
      await eventually(
        "the controller manager to free them",
        () => stage.cluster.kubectl("-n", stage.namespace, "get", "resourceclaims", "-o=name"),
        (names) => names === "",
        60_000,
      );
    });

    it("take more than the right to write their status: to bind them", async () => {
      const account = `system:serviceaccount:${stage.namespace}:default`;
      const role = "walras-e2e-claim-status";
      const rights = ["--verb=get,patch", "--resource=resourceclaims,resourceclaims/status"];
      const exactly = { deviceClassName: driver };
      await stage.cluster.create(resources.resourceClaim, stage.namespace, {
        metadata: { name: "bare" },
        spec: { devices: { requests: [{ name: "gpu", exactly }] } },
      });
      await stage.cluster.kubectl("-n", stage.namespace, "create", "role", role, ...rights);
      const whose = ["--role", role, `--serviceaccount=${stage.namespace}:default`];
      await stage.cluster.kubectl("-n", stage.namespace, "create", "rolebinding", role, ...whose);
      const results = [{ request: "gpu", driver, pool: "kwok-1", device: "gpu-0" }];
      const patch = ["--type=merge", "-p", JSON.stringify({ status: { allocation: { devices: { results } } } })];
      const write = ["patch", "resourceclaim", "bare", "--subresource=status", ...patch];
      // It takes the API server a moment to know of a role: until then that is what it refuses for.
      await eventually(
        "the refusal",
        () => stage.cluster.kubectl("-n", stage.namespace, "--as", account, ...write).catch(describeError),
        (told) => told.includes("binding"),
      );
      expect((await seen<SeenClaim>("resourceclaim", "bare")).status.allocation).toBeUndefined();
    });
  });

  describe("for which two of our processes and kube-scheduler race, of which one is stopped and one is killed", () => {
    let result: RaceResult;

    beforeAll(async () => {
      result = await race({ ...stage, size: { nodes: 20, pods: 400 }, withinMs: 150_000 });
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }, 400_000);

    it("never have a device in use twice, at any moment", () => {
      expect(result.inUseTwice).toEqual([]);
    });

    it("have each device in use once at the end, and all of them", () => {
      expect([result.twiceAtEnd, result.allocatedAtEnd]).toEqual([[], 160]);
    });

    it("are allocated and reserved before their pods are bound", () => {
      expect(result.unserved).toEqual([]);
    });

    it("go to both", () => {
      expect(Object.keys(result.bound).toSorted()).toEqual(["default-scheduler", "gpu-scheduler"]);
    });
  });
});
