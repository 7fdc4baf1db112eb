import type { Provider } from "./provider.ts";

/** A cluster that is there already; nothing of it is started or stopped. */
export function kubeconfigProvider(kubeconfig: string, loadImage: string): Provider {
  return {
    name: "kubeconfig",
    up: () =>
      Promise.resolve({
        kubeconfig,
        localNodes: [],
        loadImage,
        emptyDir: () => null,
        kubeletFolder: () => null,
        controlPlane: null,
      }),
    down: () => Promise.resolve(),
  };
}
