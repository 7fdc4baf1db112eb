import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { allLayouts, CgroupFixture, containerGroup, containerId, podPath, type Qos } from "../testing/cgroupFixture.ts";
import { parseProcessGroup, readProcessPlace } from "./processGroup.ts";

const uid = "0a1b2c3d-0000-4000-8000-00000000000f";
const id = containerId("a");
const systemd = { version: "v2", driver: "systemd", runtime: "containerd" } as const;
const inPod = `${podPath(systemd, "burstable", uid)}/${containerGroup(systemd, id)}`;

const layouts = fc.constantFrom(...allLayouts);
const qosClasses = fc.constantFrom<Qos[]>("guaranteed", "burstable", "besteffort");
const ids = fc.stringMatching(/^[0-9a-f]{64}$/);
const podNames = fc.oneof(fc.uuid(), fc.stringMatching(/^[0-9a-f]{32}$/));
const above = fc.constantFrom("", "/kubelet.slice", `/docker/${containerId("b")}`, "/..", "/../..");
const within = fc.constantFrom("", "/container", "/init.scope", "/system.slice/app.service", `/${containerId("c")}`);

/** The file as kernels of each kind write it. */
function fileOf(version: "v1" | "v2" | "hybrid", path: string): string {
  const legacy = `12:pids:${path}\n4:cpu,cpuacct:${path}\n1:name=systemd:${path}\n`;
  if (version === "v2") return `0::${path}\n`;
  return version === "v1" ? legacy : `${legacy}0::/system.slice/containerd.service\n`;
}

describe("the container of a process", () => {
  it("is found in every layout, whatever its node is nested in and whatever groups it makes", () => {
    fc.assert(
      fc.property(layouts, fc.tuple(qosClasses, podNames, ids), fc.tuple(above, within), (layout, pod, around) => {
        const [qos, podName, container] = pod;
        const [up, down] = around;
        const path = `${up}/${podPath(layout, qos, podName)}/${containerGroup(layout, container)}${down}`;
        expect(parseProcessGroup(fileOf(layout.version, path))).toEqual({ containerId: container, podName });
      }),
    );
  });

  it.each([
    ["a pod's own group, seen from another pod of its class", `/../../${inPod.split("/").slice(2).join("/")}`, uid],
    ["a container beside the agent's own", `/../${containerGroup(systemd, id)}`, null],
    [
      "a runtime that took the path for a name",
      `/system.slice/kubepods-pod${uid.replaceAll("-", "_")}.slice:crio:${id}`,
      uid,
    ],
    ["a container of no pod", `/system.slice/docker-${id}.scope`, null],
  ])("is told of %s", (_, path, podName) => {
    expect(parseProcessGroup(`0::${path}\n`)).toEqual({ containerId: id, podName });
  });

  it.each(["0::/\n", "0::/user.slice/user-1000.slice/session-2.scope\n", "", "nonsense", "0::/../..\n"])(
    "is none of %j",
    (text) => expect(parseProcessGroup(text)).toBeNull(),
  );

  it("is made of nothing else than what the file says, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parseProcessGroup(text);
        if (found) expect(text).toContain(found.containerId);
      }),
    );
  });
});

describe("the place of a process", () => {
  let fixture: CgroupFixture;

  beforeEach(() => {
    fixture = new CgroupFixture(systemd);
  });

  afterEach(() => fixture.destroy());

  it("is its container, outside of all, or not known where it has ended", () => {
    fixture.procFile("7/cgroup", `0::/${inPod}\n`);
    fixture.procFile("8/cgroup", "0::/system.slice/sshd.service\n");
    expect(readProcessPlace(fixture.procRoot, 7)).toEqual({ containerId: id, podName: uid });
    expect(readProcessPlace(fixture.procRoot, 8)).toBe("outside");
    expect(readProcessPlace(fixture.procRoot, 9)).toBe("unknown");
  });
});
