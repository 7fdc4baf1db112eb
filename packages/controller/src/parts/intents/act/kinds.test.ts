import { KubeError, type KubeTransport } from "@walras/kube";
import { describe, expect, it } from "vitest";

import { Kinds } from "./kinds.ts";

const rollout = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout" };
const served = {
  resources: [
    { name: "rollouts", kind: "Rollout", namespaced: true },
    { name: "rollouts/scale", kind: "Scale", namespaced: true },
    { name: "analysisruns", kind: "AnalysisRun", namespaced: true },
  ],
};

/** Discovery that answers as it is set; a number refuses. */
class Discovery implements KubeTransport {
  readonly asked: string[] = [];
  answer: object | number = served;

  send({ path }: { readonly path: string }): Promise<unknown> {
    this.asked.push(path);
    if (typeof this.answer !== "number") return Promise.resolve(this.answer);
    return Promise.reject(new KubeError(String(this.answer), { status: this.answer, reason: "" }));
  }

  stream(): Promise<never> {
    return Promise.reject(new Error("nothing is watched"));
  }
}

describe("where workloads of a kind are", () => {
  it("is known of Kubernetes' own, and asked once of others", async () => {
    const discovery = new Discovery();
    const kinds = new Kinds(discovery);
    const own = await kinds.resourceOf({ apiVersion: "apps/v1", kind: "StatefulSet" });
    expect(own?.plural).toBe("statefulsets");
    for (let time = 0; time < 2; time += 1)
      expect(await kinds.resourceOf(rollout)).toEqual({ ...rollout, plural: "rollouts", namespaced: true });
    expect(discovery.asked).toEqual(["/apis/argoproj.io/v1alpha1"]);
  });

  it("is nowhere for a kind that cannot be scaled, or is not served", async () => {
    const discovery = new Discovery();
    const kinds = new Kinds(discovery);
    expect(await kinds.resourceOf({ ...rollout, kind: "AnalysisRun" })).toBeNull();
    discovery.answer = 404;
    expect(await kinds.resourceOf({ apiVersion: "example.com/v1", kind: "Thing" })).toBeNull();
  });

  it("is asked again after a refusal", async () => {
    const discovery = new Discovery();
    const kinds = new Kinds(discovery);
    discovery.answer = 503;
    await expect(kinds.resourceOf(rollout)).rejects.toThrow("503");
    discovery.answer = served;
    expect((await kinds.resourceOf(rollout))?.plural).toBe("rollouts");
  });
});
