import { parseCpu } from "@walras/kit";
import { createObject } from "@walras/kube";
import { describe, expect, inject, it } from "vitest";

import { joinLoad, startLoad } from "../../harness/load.ts";
import { enforced, type MarketBed } from "../../harness/marketBed.ts";
import { allocatableMilli, RequestWatch } from "../../harness/requests.ts";
import { eventually, pause } from "../../harness/wait.ts";

/** Resizes that are refused, or must not be asked for. */
export function faultsOfResizes(bed: MarketBed): void {
  const { node, controller, agent, limitOf, outcomeOf } = bed;

  describe.skipIf(!inject("local"))("resizes that cannot be", () => {
    it("a deferred one is waited for, then its request is given up", async () => {
      const { cluster, namespace } = bed.stage;
      const leader = await controller();
      await agent(leader);
      await startLoad(cluster, { namespace, name: "grows", node, cores: 0.05, request: "100m", limit: "2" });
      const free = (await allocatableMilli(cluster, node)) - (await new RequestWatch(cluster, node).countedMilli());
      await startLoad(cluster, {
        namespace,
        name: "filler",
        node,
        cores: 0,
        request: `${free - 200}m`,
        labels: { "mbcas.io/managed": "false" },
      });
      const asked = JSON.stringify({
        spec: { containers: [{ name: "app", resources: { requests: { cpu: "1500m" } } }] },
      });
      // As a controller before this one: what somebody else sets is the new declared, and stays.
      const ours = ["--subresource=resize", "--field-manager=walras", "--patch", asked];
      await cluster.kubectl("-n", namespace, "patch", "pod", "grows", ...ours);
      await eventually(
        "Deferred",
        () => outcomeOf("grows"),
        (outcome) => outcome === "Pending Deferred",
        20_000,
      );
      await eventually(
        "Applied",
        () => outcomeOf("grows"),
        (outcome) => outcome === "Applied Applied",
        40_000,
      );
      expect(enforced(await cluster.pod(namespace, "grows")).request).toBeLessThanOrEqual(300);
      expect(await cluster.eventReasons(namespace, "grows")).toContain("MarketResizeDeferred");
    });

    it("one that a LimitRange bounds goes as far as it allows, and is told", async () => {
      const { cluster, namespace } = bed.stage;
      const limitRange = { apiVersion: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true };
      await createObject(cluster.transport, limitRange, namespace, {
        metadata: { name: "small" },
        spec: { limits: [{ type: "Container", max: { cpu: "150m" } }] },
      });
      const leader = await controller();
      await agent(leader);
      await startLoad(cluster, { namespace, name: "ranged", node, cores: 0.5, request: "20m", limit: "100m" });
      await eventually(
        "the bound",
        () => outcomeOf("ranged"),
        (outcome) => outcome === "Applied LimitRange",
      );
      expect(await limitOf("ranged")).toBe(150);
      await eventually(
        "an Event",
        () => cluster.eventReasons(namespace, "ranged"),
        (reasons) => reasons.includes("MarketBounded"),
      );
      await pause(4_000);
      expect(await leader.metrics()).not.toMatch(/walras_resize_refusals_total\{reason="LimitRange"\} [1-9]/);
      await cluster.kubectl("-n", namespace, "delete", "limitrange", "small");
    });

    it("one that a ResourceQuota bounds takes what it leaves, and more when it is freed", async () => {
      const { cluster, namespace } = bed.stage;
      const quota = { apiVersion: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true };
      await createObject(cluster.transport, quota, namespace, {
        metadata: { name: "few" },
        spec: { hard: { "limits.cpu": "150m" } },
      });
      const leader = await controller();
      await agent(leader);
      await startLoad(cluster, { namespace, name: "metered", node, cores: 0.5, request: "20m", limit: "100m" });
      await eventually(
        "the bound",
        () => outcomeOf("metered"),
        (outcome) => outcome === "Applied ResourceQuota",
      );
      expect(await limitOf("metered")).toBeLessThanOrEqual(150);
      await cluster.kubectl("-n", namespace, "delete", "resourcequota", "few");
      await eventually(
        "a higher limit",
        () => limitOf("metered"),
        (limit) => limit > 300,
      );
    });

    it("a sidecar is sized beside its containers, and a container that has ended holds up nobody", async () => {
      const { cluster, namespace } = bed.stage;
      const leader = await controller();
      await agent(leader);
      const { loadImage: image } = cluster.target;
      const sized = (request: string, limit: string): object => ({
        imagePullPolicy: "IfNotPresent",
        image,
        resources: { requests: { cpu: request }, limits: { cpu: limit } },
      });
      await cluster.create({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true }, namespace, {
        metadata: { name: "beside", labels: { "mbcas.io/managed": "true" } },
        spec: {
          nodeName: node,
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 0,
          initContainers: [{ name: "proxy", args: ["0.2"], restartPolicy: "Always", ...sized("20m", "50m") }],
          containers: [
            { name: "app", args: ["0.4"], ...sized("100m", "200m") },
            // It ends before it begins, in any image.
            { name: "once", command: ["/no/such/program"], ...sized("10m", "50m") },
          ],
        },
      });
      await eventually(
        "both raised",
        () => cluster.pod(namespace, "beside"),
        ({ status }) => {
          const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
          const limit = (container: string): number =>
            parseCpu(all.find(({ name }) => name === container)?.resources?.limits?.cpu ?? "0", "limit");
          return limit("app") > 300 && limit("proxy") > 150;
        },
        40_000,
      );
    });
  });

  describe.skipIf(!inject("local"))("pods at the edges of QoS", () => {
    it("stay in their class, or are left alone with the reason", async () => {
      const { cluster, namespace } = bed.stage;
      const leader = await controller();
      await agent(leader);
      const load = { namespace, node, cores: 0.3 };
      await joinLoad(cluster, { ...load, name: "guaranteed", request: "100m", limit: "100m", memory: "32Mi" });
      await joinLoad(cluster, { ...load, name: "equal", request: "100m", limit: "100m" });
      const annotations = { "mbcas.io/min-cpu": "200m" };
      await joinLoad(cluster, { ...load, name: "unlimited", request: "50m", annotations });
      const best = { metadata: { name: "best", labels: { "mbcas.io/managed": "true" } } };
      await cluster.create({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true }, namespace, {
        ...best,
        spec: {
          nodeName: node,
          terminationGracePeriodSeconds: 0,
          containers: [
            { name: "app", image: cluster.target.loadImage, args: ["0.1"], imagePullPolicy: "IfNotPresent" },
          ],
        },
      });
      await eventually(
        "BestEffort left alone",
        () => outcomeOf("best"),
        (outcome) => outcome === "Pending BestEffort",
      );
      await eventually(
        "Guaranteed raised",
        () => cluster.pod(namespace, "guaranteed"),
        (pod) => enforced(pod).limit > 250,
      );
      await eventually(
        "equal raised",
        () => cluster.pod(namespace, "equal"),
        (pod) => enforced(pod).limit > 250,
      );
      await eventually(
        "the unlimited one's request raised",
        () => cluster.pod(namespace, "unlimited"),
        (pod) => enforced(pod).request > 150,
      );
      const guaranteed = await cluster.pod(namespace, "guaranteed");
      expect(enforced(guaranteed).request).toBe(enforced(guaranteed).limit);
      expect(guaranteed.status?.qosClass).toBe("Guaranteed");
      expect(
        (await cluster.pod(namespace, "unlimited")).status?.containerStatuses?.[0]?.resources?.limits,
      ).toBeUndefined();
      expect((await cluster.pod(namespace, "best")).status?.qosClass).toBe("BestEffort");
    });
  });

  describe.skipIf(!inject("local"))("a more careful mode", () => {
    it("recommend writes what it would do and resizes nothing", async () => {
      const { cluster, namespace } = bed.stage;
      const leader = await controller({ mode: "recommend" });
      await agent(leader);
      await joinLoad(cluster, { namespace, name: "advised", node, cores: 0.4, request: "50m", limit: "100m" });
      const allocation = await eventually(
        "advice",
        () => cluster.allocation(namespace, "advised"),
        // The status is written after the spec.
        (found) =>
          parseCpu(found?.spec.desiredCPULimit ?? "0", "limit") > 300 && found?.status?.reason === "Recommended",
      );
      expect(allocation?.status).toMatchObject({ phase: "Pending", reason: "Recommended" });
      expect(await limitOf("advised")).toBe(100);
    });
  });
}
