import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";

import { elsewhere, type Provider } from "./provider.ts";

/**
 * A new kind cluster with the images of this checkout; needs docker and kind.
 *
 * @param nodeImage of the Kubernetes version to be tested; kind's own where it is not given
 */
export function kindProvider(nodeImage?: string): Provider {
  const name = `walras-e2e-${process.pid}`;
  const images = ["walras-controller:0.1.0", "walras-agent:0.1.0"];
  const loadImage = "registry.k8s.io/e2e-test-images/resource-consumer:1.13";
  let folder = "";
  return {
    name: "kind",
    up: async () => {
      folder = await mkdtemp(join(tmpdir(), "walras-kind-"));
      const kubeconfig = join(folder, "kubeconfig");
      const of = nodeImage === undefined ? [] : ["--image", nodeImage];
      await execa("kind", ["create", "cluster", "--name", name, ...of, "--kubeconfig", kubeconfig, "--wait", "120s"], {
        stdio: "inherit",
      });
      for (const image of images)
        await execa("kind", ["load", "docker-image", image, "--name", name], { stdio: "inherit" });
      return elsewhere(kubeconfig, loadImage);
    },
    down: async () => {
      await execa("kind", ["delete", "cluster", "--name", name], { stdio: "inherit" });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
