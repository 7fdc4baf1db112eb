import { argoContract } from "@walras/controller/carla/testing";
import { describe, inject } from "vitest";

import {
  application,
  argoUrl,
  carlaToken,
  compare,
  createApplication,
  createProject,
  denySyncs,
  GitRepository,
} from "../harness/argo.ts";
import { openStage } from "../harness/stage.ts";

const namespace = "clinic-apps";
const project = "walras-contract";
const names = { good: "contract-good", multi: "contract-multi", broken: "contract-broken", stuck: "contract-stuck" };

const configMap = (name: string, version: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {version: "${version}"}\n`;

/** Begins with a Job that no node takes. */
const stuck = JSON.stringify({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { generateName: "stuck-", annotations: { "argocd.argoproj.io/hook": "PreSync" } },
  spec: {
    template: {
      spec: {
        nodeSelector: { "walras.io/nowhere": "true" },
        restartPolicy: "Never",
        containers: [{ name: "never", image: "never" }],
      },
    },
  },
});

describe.skipIf(!inject("local"))("releases depend on", () => {
  argoContract("of the real one", async () => {
    const { cluster, close, namespace: into } = await openStage("argocd");
    await cluster.target.controlPlane?.startArgo();
    await cluster.createNamespace(namespace);
    await createProject(cluster, project);
    const repository = await GitRepository.create();
    await repository.commit({
      "good/cm.yaml": configMap("good", "1"),
      "one/cm.yaml": configMap("one", "1"),
      "two/cm.yaml": configMap("two", "1"),
      "stuck/cm.yaml": configMap("stuck", "1"),
      "stuck/job.json": stuck,
      "broken/thing.yaml": "apiVersion: v1\nkind: ConfigMapp\nmetadata: {name: broken}\n",
    });
    const from = { project, url: repository.url, into };
    const keys = [
      ["argocd", names.good],
      [namespace, names.multi],
      ["argocd", names.broken],
      ["argocd", names.stuck],
    ] as const;
    await createApplication(cluster, { namespace: "argocd", name: names.good, paths: ["good"], ...from });
    await createApplication(cluster, { namespace, name: names.multi, paths: ["one", "two"], ...from });
    await createApplication(cluster, { namespace: "argocd", name: names.broken, paths: ["broken"], ...from });
    await createApplication(cluster, { namespace: "argocd", name: names.stuck, paths: ["stuck"], ...from });
    for (const key of keys) await application(cluster, key, "OutOfSync");
    const token = await carlaToken();
    return {
      url: argoUrl,
      token,
      project,
      namespace,
      names,
      push: async () => {
        const commit = await repository.commit({ "good/cm.yaml": configMap("good", "2") });
        await compare(cluster, "argocd", names.good);
        return commit;
      },
      deny: (denied) => denySyncs(cluster, { project, token, application: names.broken }, denied),
      dispose: async () => {
        for (const [of, name] of keys)
          await cluster.kubectl("-n", of, "delete", "application", name, "--ignore-not-found");
        await cluster.kubectl("-n", "argocd", "delete", "appproject", project, "--ignore-not-found");
        await cluster.target.controlPlane?.stopArgo("all");
        await repository.remove();
        await close();
      },
    };
  });
});
