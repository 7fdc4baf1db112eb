import { rm } from "node:fs/promises";
import { join } from "node:path";

import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type PluginInfo,
  type RegistrationServer,
  RegistrationService,
  type RegistrationStatus,
} from "@walras/proto/pluginregistration";

import { eventually } from "./wait.ts";

/** A plugin as a real kubelet finds it: a socket in its plugins_registry that says what it is. */
export class KubeletPlugin {
  readonly server: Server = new Server();
  readonly #socket: string;
  readonly #info: PluginInfo;
  #registration: RegistrationStatus | null = null;

  /**
   * @param kubeletFolder the kubelet's own
   * @param info the plugin itself listens at the same socket
   */
  constructor(kubeletFolder: string, info: Omit<PluginInfo, "endpoint">) {
    this.#socket = join(kubeletFolder, "plugins_registry", `walras-e2e-${info.type}.sock`);
    this.#info = { ...info, endpoint: this.#socket };
    const answers: RegistrationServer = {
      getInfo: (_call, done) => done(null, this.#info),
      notifyRegistrationStatus: ({ request }, done) => {
        this.#registration = request;
        done(null, {});
      },
    };
    this.server.addService(RegistrationService, answers);
  }

  /** Until the kubelet has taken it. @throws Error with what the kubelet has against it */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.bindAsync(`unix:${this.#socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    const status = await eventually(
      `the kubelet to take the ${this.#info.type}`,
      () => this.#registration,
      (registration) => registration !== null,
    );
    if (!status?.pluginRegistered) throw new Error(`the kubelet refuses the ${this.#info.type}: ${status?.error}`);
  }

  async stop(): Promise<void> {
    this.server.forceShutdown();
    await rm(this.#socket, { force: true });
  }
}
