import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { resources } from "@walras/kube";
import { stringify } from "yaml";

import type { Cluster } from "./cluster.ts";
import type { ControllerProgram, Programs, ServiceAccount } from "./programs.ts";

const root = join(import.meta.dirname, "..", "..");
const schedulerAccount: ServiceAccount = { namespace: "gpu-scheduler-system", name: "gpu-scheduler" };
const port = 9443;
const configuration = "gpu-scheduler-webhook";

const rbac = "rbac.authorization.k8s.io/v1";
const subjects = [{ kind: "ServiceAccount", ...schedulerAccount }];
const roleOf = (kind: string, name: string): object => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
const boundTo = (role: string) => ({
  apiVersion: rbac,
  kind: "ClusterRoleBinding",
  metadata: { name: `e2e-gpu-scheduler-${role}` },
  roleRef: roleOf("ClusterRole", role),
  subjects,
});
const lease = { name: "gpu-scheduler-lease", namespace: schedulerAccount.namespace };

/** What a scheduler has beside deploy/gpu/webhook: the shipped roles, and its Lease. */
export const schedulerRights = [
  boundTo("walras-base"),
  boundTo("walras-gpu"),
  {
    apiVersion: rbac,
    kind: "Role",
    metadata: lease,
    rules: [{ apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] }],
  },
  { apiVersion: rbac, kind: "RoleBinding", metadata: lease, roleRef: roleOf("Role", lease.name), subjects },
];

/** The shipped manifests of the webhook, whose Service leads to this machine. */
export async function installWebhook(cluster: Cluster, folder: string): Promise<void> {
  const { namespace, name } = schedulerAccount;
  await cluster.createNamespace(namespace);
  await cluster.kubectl("-n", namespace, "create", "serviceaccount", name);
  const file = join(folder, "scheduler.yaml");
  await writeFile(
    file,
    [...schedulerRights, slice(await hostAddress(cluster))].map((one) => stringify(one)).join("---\n"),
  );
  await cluster.kubectl("apply", "-k", join(root, "deploy", "roles", "gpu"));
  await cluster.kubectl("apply", "-f", file);
  await cluster.kubectl("apply", "-k", join(root, "deploy", "gpu", "webhook"));
}

export async function removeWebhook(cluster: Cluster): Promise<void> {
  await cluster.kubectl("delete", "-k", join(root, "deploy", "gpu", "webhook"), "--ignore-not-found");
  for (const { kind, metadata } of schedulerRights)
    if (kind === "ClusterRoleBinding") await cluster.kubectl("delete", kind, metadata.name, "--ignore-not-found");
  await cluster.kubectl("delete", "namespace", schedulerAccount.namespace, "--ignore-not-found");
}

/** A scheduler on this machine, with the rights of its service account. */
export async function startWebhook(cluster: Cluster, programs: Programs): Promise<ControllerProgram> {
  const address = `--gpu-webhook-address=${await hostAddress(cluster)}:${port}`;
  return programs.startController({ account: schedulerAccount, args: ["--parts=gpu", address] });
}

/** In base64; empty while there is none. */
export async function trustedAuthorities(cluster: Cluster): Promise<string> {
  const at = "jsonpath={.webhooks[0].clientConfig.caBundle}";
  return cluster.kubectl("get", "mutatingwebhookconfiguration", configuration, "-o", at, "--ignore-not-found");
}

async function hostAddress(cluster: Cluster): Promise<string> {
  const at = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';
  return cluster.kubectl("get", resources.node.plural, "node1", "-o", at);
}

function slice(address: string) {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: "gpu-scheduler-webhook-host",
      namespace: schedulerAccount.namespace,
      labels: { "kubernetes.io/service-name": "gpu-scheduler-webhook" },
    },
    addressType: "IPv4",
    ports: [{ name: "webhook", port, protocol: "TCP" }],
    endpoints: [{ addresses: [address] }],
  };
}
