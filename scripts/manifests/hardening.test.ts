import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { dockerfiles as files } from "../image/programs.ts";
import { build, type Manifest } from "./load.ts";
import { type Workload, workloads } from "./pods.ts";

const root = join(import.meta.dirname, "..", "..");
const deploy = join(root, "deploy");

const everything: readonly Manifest[] = [
  ...(await build(join(deploy, "kustomize"), ["parts/batch", "parts/eviction"])),
  ...(await build(join(deploy, "batch"))),
  ...(await build(join(deploy, "carla"))),
  ...(await build(join(deploy, "ido"))),
  ...(await build(join(deploy, "examples", "posture"))),
];
const pods = workloads(everything);

/** The nonroot of distroless images, and so of much else on a node. */
const commonUser = 65_532;
/** What systemd gives to services of the host that ask for a user (systemd's UIDS-GIDS.md). */
const dynamicUsers = { first: 61_184, last: 65_519 };
const largestUser = 65_535;

const dockerfiles: Readonly<Record<string, string>> = {
  "walras-agent": files.agent,
  "walras-controller": files.controller,
  "walras-posture": files.posture,
};

const imageOf = ({ spec }: Workload): string => spec.containers[0]?.image.split(":")[0] ?? "";
const userOf = ({ spec }: Workload): number => spec.securityContext?.["runAsUser"] as number;

async function userOfImage(image: string): Promise<string | undefined> {
  return /^USER (\d+:\d+)$/m.exec(await readFile(join(root, dockerfiles[image] ?? ""), "utf8"))?.[1];
}

describe.each(pods)("pods of $name", (workload) => {
  it("are nobody in particular, with the default seccomp profile", () => {
    const user = userOf(workload);
    expect(workload.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(workload.spec.securityContext?.["fsGroup"] ?? user).toBe(user);
  });

  it("gain nothing and write nothing but volumes", () => {
    for (const { securityContext } of workload.spec.containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  it("run as their image does", async () => {
    expect(await userOfImage(imageOf(workload))).toBe(`${userOf(workload)}:${userOf(workload)}`);
  });
});

describe("users", () => {
  it("are each image's own, and nobody else's on a node", () => {
    const users = new Map(pods.map((workload) => [imageOf(workload), userOf(workload)]));
    expect([...users.keys()].toSorted()).toEqual(Object.keys(dockerfiles).toSorted());
    expect(new Set(users.values()).size).toBe(users.size);
    for (const user of users.values()) {
      expect(user).not.toBe(commonUser);
      expect(user).toBeLessThan(largestUser);
      expect(user >= dynamicUsers.first && user <= dynamicUsers.last).toBe(false);
    }
  });
});

describe("what pods mount", () => {
  const has = (kind: string): readonly string[] =>
    pods.filter(({ spec }) => JSON.stringify(spec.volumes ?? []).includes(`"${kind}":`)).map(({ name }) => name);

  it("is of the host for the agent alone", () => {
    expect(has("hostPath")).toEqual(["walras-agent"]);
  });

  it("is a Secret only where its owner runs: never on every node", () => {
    expect(has("secret").toSorted()).toEqual(["carla-scheduler", "planner", "walras-controller"]);
  });
});

describe("namespaces", () => {
  const levels = Object.fromEntries(
    everything
      .filter(({ kind }) => kind === "Namespace")
      .map(({ metadata }) => [metadata.name, metadata.labels?.["pod-security.kubernetes.io/enforce"]]),
  );

  it("are restricted, but for the one of the agent", () => {
    expect(levels).toEqual({
      "walras-system": "privileged",
      carla: "restricted",
      ido: "restricted",
      posture: "restricted",
    });
  });

  it("are labelled alike by all who make them", () => {
    const made = everything.filter(({ kind, metadata }) => kind === "Namespace" && metadata.name === "posture");
    expect(made).toHaveLength(2);
    expect(made[0]?.metadata.labels).toEqual(made[1]?.metadata.labels);
  });
});
