import { describeError } from "@walras/kit";
import { collectionPath, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { app, container, cpu, type NewPodsBed, ofCart, openNewPods, podOf, profileOf } from "../harness/newPods.ts";
import { requestsOf } from "../harness/sizing.ts";

let bed: NewPodsBed;
const managedNamespace = `newpods-managed-${process.pid}`;

beforeAll(async () => {
  bed = await openNewPods("left");
  await bed.sizing.installKind();
  await bed.cluster.createNamespace(managedNamespace, { ...bed.sizing.label, "mbcas.io/managed": "true" });
});

afterAll(async () => {
  await bed.cluster.deleteNamespace(managedNamespace);
  await bed.close();
});

describe("nobody is sized who is not to be", () => {
  beforeAll(async () => {
    await bed.sizing.say(bed.namespace, profileOf(), podOf());
    await bed.sizing.say(managedNamespace, profileOf(), podOf());
  });

  const labelled = (managed?: string, mode?: string): object => ({
    ...ofCart,
    labels: { "pod-template-hash": "7d9f", ...(managed === undefined ? {} : { "mbcas.io/managed": managed }) },
    ...(mode === undefined ? {} : { annotations: { "mbcas.io/mode": mode } }),
  });

  it.each([
    ["without the label", labelled(), "400m", "120m"],
    ["with the label", labelled("true"), "120m", "120m"],
    ["with the label that keeps it out", labelled("false"), "400m", "400m"],
    ["with a label that says nothing", labelled("yes"), "400m", "400m"],
    ["in mode requests", labelled("true", "requests"), "120m", "120m"],
    ["in mode recommend", labelled("true", "recommend"), "400m", "400m"],
    ["in mode off", labelled("true", "off"), "400m", "400m"],
  ])("%s, and where the namespace has the label", async (_, metadata, alone, within) => {
    expect(await bed.requests(podOf(metadata))).toBe(`app=${alone}`);
    expect(await bed.requests(podOf(metadata), managedNamespace)).toBe(`app=${within}`);
  });

  const memory = { requests: { cpu: "400m", memory: "1Mi" }, limits: { cpu: "400m", memory: "1Mi" } };
  it.each([
    ["Guaranteed", podOf(ofCart, [container("app", memory)]), "app=400m"],
    ["with a container that has no CPU request", podOf(ofCart, [app, container("proxy", {})]), "app=400m,proxy="],
    [
      "that a resize would restart",
      podOf(ofCart, [
        container("app", cpu("400m"), { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] }),
      ]),
      "app=400m",
    ],
    ["with resources of its own", podOf(ofCart, [app], { resources: cpu("1") }), "app=400m"],
    ["of windows", podOf(ofCart, [container("app", cpu("400m"))], { os: { name: "windows" } }), "app=400m"],
  ])("%s", async (_, body, expected) => {
    expect(await bed.requests(body)).toBe(expected);
  });
});

describe("what a pod declared before it was sized", () => {
  beforeAll(() => bed.sizing.say(bed.namespace, profileOf(), podOf()));
  const claimed = { "mbcas.io/declared": "app=9000m/400m" };

  it.each([
    ["brought along is taken off", {}],
    ["brought along is taken off where it hides who set it", { managedFields: [{}] }],
  ])("%s, and the pod is not sized", async (_, hiding) => {
    const admitted = await bed.sizing.admit(
      bed.namespace,
      podOf({ ...ofCart, annotations: { ...claimed, own: "kept" }, ...hiding }),
    );
    expect(requestsOf(admitted)).toBe("app=400m");
    expect(admitted.metadata.annotations).toEqual({ own: "kept" });
  });

  it("cannot be changed, and whatever else of the pod can", async () => {
    const labels = { ...(ofCart as { labels: object }).labels, app: "kept" };
    await bed.cluster.create(resources.pod, bed.namespace, {
      ...podOf({ ...ofCart, generateName: undefined, name: "kept", labels }, [app], {
        nodeSelector: { "walras-e2e": "nowhere" },
      }),
    });
    const patch = (annotations: object): Promise<unknown> =>
      bed.cluster.transport.send({
        method: "PATCH",
        path: `${collectionPath(resources.pod, bed.namespace)}/kept`,
        body: { metadata: { annotations } },
        contentType: "application/merge-patch+json",
      });
    for (const wrong of [claimed, { "mbcas.io/declared": null }])
      expect(await patch(wrong).catch(describeError)).toMatch(
        /mbcas\.io\/declared is set when the pod is created, and not changed/,
      );
    await patch({ own: "set" });
    const kept = await bed.cluster.kubectl(
      "-n",
      bed.namespace,
      "get",
      "pod",
      "kept",
      "-o",
      "jsonpath={.metadata.annotations}",
    );
    expect(JSON.parse(kept)).toEqual({ own: "set", "mbcas.io/declared": "app=400m/120m" });
  });
});
