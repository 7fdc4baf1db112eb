import { elsewhere, type Provider } from "./provider.ts";

/** A cluster that is there already; nothing of it is started or stopped. */
export function kubeconfigProvider(kubeconfig: string, loadImage: string): Provider {
  return {
    name: "kubeconfig",
    up: () => Promise.resolve(elsewhere(kubeconfig, loadImage)),
    down: () => Promise.resolve(),
  };
}
