import { expect, it } from "vitest";

import { foreignCpuOf } from "./resizedBy.ts";

const cpu = { "f:cpu": {} };

function entry(manager: string, resources: object, subresource = "resize"): object {
  const fieldsV1 = { "f:spec": { "f:containers": { 'k:{"name":"app"}': { "f:resources": resources } } } };
  return { manager, operation: "Update", subresource, fieldsV1 };
}

it("who set a container's CPU by a resize is told, but for us and for who created the pod", () => {
  const entries = [
    entry("kube-controller-manager", { "f:requests": cpu }, ""),
    entry("walras", { "f:requests": cpu }),
    entry("kubectl-patch", { "f:limits": { ...cpu, "f:memory": {} } }),
    entry("vpa-updater", { "f:requests": { "f:memory": {} } }),
  ];
  expect(foreignCpuOf(entries)).toEqual([{ container: "app", field: "limitMilli", manager: "kubectl-patch" }]);
});

it("a sidecar's CPU is told of as well", () => {
  const fields = { "f:resources": { "f:requests": cpu } };
  const fieldsV1 = { "f:spec": { "f:initContainers": { 'k:{"name":"proxy"}': fields } } };
  expect(foreignCpuOf([{ manager: "kubectl-edit", subresource: "resize", fieldsV1 }])).toEqual([
    { container: "proxy", field: "requestMilli", manager: "kubectl-edit" },
  ]);
});

it("nobody is told of where nobody resized, whatever else an entry has", () => {
  const others = [
    { manager: "odd", subresource: "resize" },
    { manager: "odd", subresource: "resize", fieldsV1: {} },
  ];
  expect([foreignCpuOf(undefined), foreignCpuOf([]), foreignCpuOf(others)]).toEqual([[], [], []]);
});
