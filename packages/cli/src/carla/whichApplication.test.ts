import { KubeError, type KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { whichApplication } from "./whichApplication.ts";

/** A cluster with these Applications, or one that answers a status instead. */
function cluster(applications: readonly string[], status = 200): KubeTransport {
  const items = applications.map((key) => {
    const [namespace, name] = key.split("/");
    return { metadata: { namespace, name } };
  });
  return {
    send: () =>
      status === 200 ? Promise.resolve({ items }) : Promise.reject(new KubeError("no", { status, reason: "No" })),
  } as unknown as KubeTransport;
}

describe("R8: the application that is approved", () => {
  it.each([
    [["argocd/web"], "web", undefined, "argocd/web"],
    [["team/web", "argocd/base"], "web", undefined, "team/web"],
    [["a/web", "b/web"], "b/web", undefined, "b/web"],
    [["a/web", "b/web"], "web", "a", "a/web"],
    [["a/web"], "a/web", "a", "a/web"],
    [[], "web", undefined, "argocd/web"],
  ])("of %j meant by %j in %j is %s", async (applications, written, namespace, key) => {
    const { namespace: found, name } = await whichApplication(cluster(applications), written, namespace);
    expect(`${found}/${name}`).toBe(key);
  });

  it("is in the usual namespace for who may not look everywhere", async () => {
    expect(await whichApplication(cluster([], 403), "web", undefined)).toEqual({ namespace: "argocd", name: "web" });
    await expect(whichApplication(cluster([], 500), "web", undefined)).rejects.toThrow("no");
  });

  it("is nowhere in a cluster without Argo CD", async () => {
    await expect(whichApplication(cluster([], 404), "web", undefined)).rejects.toThrow(
      "Application (argoproj.io/v1alpha1) is not installed in this cluster: it is Argo CD's",
    );
  });

  it("is named with the others where it is not clear", async () => {
    await expect(whichApplication(cluster(["b/web", "a/web"]), "web", undefined)).rejects.toThrow(
      'application: "web" may be a/web or b/web: write which',
    );
    await expect(whichApplication(cluster([]), "a/web", "b")).rejects.toThrow('--namespace: "b" is not that of a/web');
    await expect(whichApplication(cluster([]), "/web", undefined)).rejects.toThrow('"/web" is not "name" or');
  });
});
