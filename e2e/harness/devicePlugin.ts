import { type DevicePluginServer, DevicePluginService } from "@walras/proto/deviceplugin";

import { KubeletPlugin } from "./kubeletPlugin.ts";

/** A device plugin that offers devices by these ids and prepares nothing: a container is told in a variable what it has. */
export function devicePlugin(kubeletFolder: string, resource: string, deviceIds: readonly string[]): KubeletPlugin {
  const plugin = new KubeletPlugin(kubeletFolder, {
    type: "DevicePlugin",
    name: resource,
    supportedVersions: ["v1beta1"],
  });
  const answers: DevicePluginServer = {
    getDevicePluginOptions: (_call, done) =>
      done(null, { preStartRequired: false, getPreferredAllocationAvailable: false }),
    // It goes on for as long as the plugin does: nothing of it changes.
    listAndWatch: (watch) => {
      watch.write({ devices: deviceIds.map((id) => ({ id, health: "Healthy" })) });
    },
    allocate: ({ request }, done) =>
      done(null, {
        containerResponses: request.containerRequests.map(({ deviceIds: given }) => ({
          envs: { NVIDIA_VISIBLE_DEVICES: given.join(",") },
        })),
      }),
  };
  plugin.server.addService(DevicePluginService, answers);
  return plugin;
}
