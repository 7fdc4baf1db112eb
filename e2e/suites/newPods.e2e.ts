import type { CreationProfileSpec } from "@walras/api";
import { describeError } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  app,
  asleep,
  container,
  cpu,
  type NewPodsBed,
  ofCart,
  openNewPods,
  ownedBy,
  podOf,
  profileOf,
} from "../harness/newPods.ts";
import { requestsOf } from "../harness/sizing.ts";
import { eventually, pause } from "../harness/wait.ts";

let bed: NewPodsBed;

beforeAll(async () => {
  bed = await openNewPods("sized");
});

afterAll(() => bed.close());

describe("what is missing or wrong costs nobody a pod: it is created as declared", () => {
  it("while the kind is not served, and while there is no profile", async () => {
    await pause(2_000);
    expect(await bed.requests(podOf())).toBe("app=400m");
    await bed.sizing.installKind();
    await pause(2_000);
    expect(await bed.requests(podOf())).toBe("app=400m");
  });

  it("by a profile that is not valid any more", async () => {
    await bed.sizing.say(bed.namespace, profileOf(), podOf());
    expect(await bed.requests(podOf())).toBe("app=120m");
    await bed.sizing.say(bed.namespace, profileOf({ validUntil: new Date(Date.now() - 1_000).toISOString() }));
    await eventually(
      "nobody to be sized",
      () => bed.requests(podOf()),
      (found) => found === "app=400m",
    );
  });

  it("by one that says nothing of it; and one that says nonsense is refused", async () => {
    await bed.sizing.say(
      bed.namespace,
      profileOf({ workloads: { "Deployment/cart": { other: asleep }, "Deployment/web": { app: asleep } } }),
    );
    await pause(1_000);
    expect(await bed.requests(podOf())).toBe("app=400m");
    const wrong = { "Deployment/cart": { app: { ...asleep, trustPercent: 101 } } };
    const refused = await bed.sizing.say(bed.namespace, profileOf({ workloads: wrong })).catch(describeError);
    expect(refused).toMatch(/trustPercent.*should be less than or equal to 100/);
    const never = await bed.sizing.say(bed.namespace, profileOf({ validUntil: "tomorrow" })).catch(describeError);
    expect(never).toMatch(/validUntil/);
  });
});

describe("a new pod is sized by its workload", () => {
  beforeAll(() => bed.sizing.say(bed.namespace, profileOf(), podOf()));

  const minutes = (back: number): string => String(Math.floor(Date.now() / 60_000) - back);
  it.each([
    ["Deployment", ofCart],
    ["Rollout", ownedBy("ReplicaSet", "cart-55", { "rollouts-pod-template-hash": "55" })],
    ["ReplicaSet that nobody made", ownedBy("ReplicaSet", "cart-7d9f")],
    ["StatefulSet", ownedBy("StatefulSet", "db")],
    ["DaemonSet", ownedBy("DaemonSet", "log")],
    ["Job", ownedBy("Job", "once")],
    ["CronJob, by the minute its Job was due", ownedBy("Job", `nightly-${minutes(3)}`)],
  ])("of a %s", async (_, metadata) => {
    const admitted = await bed.sizing.admit(bed.namespace, podOf(metadata));
    expect(requestsOf(admitted)).toBe("app=120m");
    expect(admitted.metadata.annotations).toMatchObject({ "mbcas.io/declared": "app=400m/120m" });
    expect(JSON.stringify(admitted.metadata.managedFields)).not.toContain("mbcas.io/declared");
  });

  it.each([
    ["nobody", { generateName: "bare-", labels: { "mbcas.io/managed": "true" } }],
    ["a Deployment of which nothing is known", ownedBy("ReplicaSet", "web-7d9f", { "pod-template-hash": "7d9f" })],
    ["a Job whose number is no minute of this week", ownedBy("Job", `nightly-${minutes(20_000)}`)],
    ["a Job whose number is a minute to come", ownedBy("Job", `nightly-${minutes(-5)}`)],
    [
      "an owner that does not control it",
      { ...ofCart, ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "u" }] },
    ],
  ])("and not where it is of %s", async (_, metadata) => {
    expect(await bed.requests(podOf(metadata))).toBe("app=400m");
  });

  it.each([
    ["Deployment", "deployment", "cart"],
    ["StatefulSet", "statefulset", "db"],
    ["Job", "job", "once"],
  ])("when the controller of %ss creates it", async (kind, plural, name) => {
    const template = {
      metadata: { labels: { app: name, "mbcas.io/managed": "true" } },
      spec: {
        containers: [app],
        nodeSelector: { "walras-e2e": "nowhere" },
        ...(kind === "Job" ? { restartPolicy: "Never" } : {}),
      },
    };
    const selector = kind === "Job" ? {} : { selector: { matchLabels: { app: name } }, replicas: 1 };
    const of = { apiVersion: kind === "Job" ? "batch/v1" : "apps/v1", kind, plural: `${plural}s`, namespaced: true };
    await bed.cluster.create(of, bed.namespace, { metadata: { name }, spec: { template, ...selector } });
    const path = ["-n", bed.namespace, "get", "pods", "-l", `app=${name}`, "-o"];
    await eventually(
      `a pod of ${kind} ${name}`,
      () => bed.cluster.kubectl(...path, "jsonpath={..resources.requests.cpu}"),
      (found) => found === "120m",
    );
    const declared = await bed.cluster.kubectl(...path, String.raw`jsonpath={..annotations.mbcas\.io/declared}`);
    expect(declared).toBe("app=400m/120m");
  });
});

describe("how small a new pod is", () => {
  const known = (part: Partial<typeof asleep>): CreationProfileSpec["workloads"] => ({
    "Deployment/cart": { app: { ...asleep, ...part }, proxy: asleep },
  });

  it.each([
    ["its habit", {}, "120m"],
    ["its habit, in tens", { workloads: known({ habitMilli: 121 }) }, "130m"],
    ["half the way, where that is trusted by half", { workloads: known({ trustPercent: 50 }) }, "260m"],
    ["what it needs now", { workloads: known({ leastMilli: 230 }) }, "230m"],
    ["what was declared over the bound", { overbook: 2.5 }, "160m"],
    ["what a LimitRange asks for", { minMilli: 175 }, "180m"],
    ["what a LimitRange asks for by its limit", { maxLimitRequestRatio: 4 }, "200m"],
    ["as declared, where the difference is small", { workloads: known({ habitMilli: 330 }) }, "400m"],
    ["as declared, where it needs more", { workloads: known({ habitMilli: 900 }) }, "400m"],
  ])("%s", async (_, part, expected) => {
    await bed.sizing.say(bed.namespace, profileOf(part));
    await eventually(
      "it to be so",
      () => bed.requests(podOf()),
      (found) => found === `app=${expected}`,
      10_000,
    );
  });

  it("each container by itself, sidecars among them, in whatever way its quantity is written", async () => {
    await bed.sizing.say(bed.namespace, profileOf(), podOf());
    const init = [container("setup", cpu("2")), container("proxy", cpu("0.5", "1"), { restartPolicy: "Always" })];
    const two = podOf(ofCart, [container("app", cpu("1", "2")), container("other", cpu("300m"))], {
      initContainers: init,
    });
    const admitted = await bed.sizing.admit(bed.namespace, two);
    expect(requestsOf(admitted)).toBe("app=250m,other=300m,setup=2,proxy=130m");
    expect(admitted.metadata.annotations?.["mbcas.io/declared"]).toBe("app=1000m/250m,proxy=500m/130m");
  });
});
