import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { allLayouts, containerGroup, podPath, type Qos } from "../testing/cgroupFixture.ts";
import { isPodsRoot, isQosGroup, parseContainerGroup, parsePodGroup } from "./names.ts";

const layouts = fc.constantFrom(...allLayouts);
const qosClasses = fc.constantFrom<Qos[]>("guaranteed", "burstable", "besteffort");
const configHash = fc.stringMatching(/^[0-9a-f]{32}$/);
const ids = fc.stringMatching(/^[0-9a-f]{64}$/);
const slices = fc.constantFrom("kubepods", "kubelet-kubepods", "node2-kubepods");

describe("names of groups", () => {
  it("gives back the pod of every group that kubelet names", () => {
    fc.assert(
      fc.property(layouts, qosClasses, fc.oneof(fc.uuid(), configHash), slices, (layout, qos, name, slice) => {
        const path = podPath(layout, qos, name, slice).split("/");
        expect(isPodsRoot(path[0] ?? "")).toBe(true);
        expect(parsePodGroup(path.at(-1) ?? "")).toBe(name);
        for (const between of path.slice(1, -1)) {
          expect(isQosGroup(between)).toBe(true);
          expect(parsePodGroup(between)).toBeNull();
        }
      }),
    );
  });

  it("gives back the container of every group that a runtime names", () => {
    fc.assert(
      fc.property(layouts, ids, (layout, id) => {
        const told = layout.driver === "systemd" || layout.runtime === "cri-o";
        const runtime = told ? layout.runtime : "";
        expect(parseContainerGroup(containerGroup(layout, id))).toEqual({ containerId: id, runtime });
      }),
    );
  });

  it("takes no monitor and no mount for a container", () => {
    fc.assert(
      fc.property(ids, (id) => {
        for (const name of [`crio-conmon-${id}.scope`, `crio-conmon-${id}`, `${id}.mount`, `crio-${id}.mount`]) {
          expect(parseContainerGroup(name)).toBeNull();
        }
      }),
    );
  });

  it("makes nothing of arbitrary names, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const container = parseContainerGroup(name);
        if (container) expect(name).toContain(container.containerId);
        if (parsePodGroup(name) !== null) expect(name).toContain("pod");
      }),
    );
    for (const name of ["system.slice", "kubelet.slice", "kubelet.service", "podman.service", "user-1000.slice"]) {
      expect(isPodsRoot(name)).toBe(false);
      expect(parseContainerGroup(name)).toBeNull();
    }
    expect(parsePodGroup("podman.slice")).toBeNull();
    expect(isPodsRoot("kubepods-burstable.slice")).toBe(false);
  });
});
