import { join } from "node:path";

import { loadSync, type ServiceDefinition } from "@grpc/proto-loader";
import { describe, expect, it } from "vitest";

import {
  ActuatorPluginService,
  NextStateRequest,
  NextStateResponse,
  PerformRequest,
  PropertyType,
  RegisterRequest,
  RegistrationService,
  RegistrationStatusResponse,
} from "./gen/plugins/plugins.ts";

const definition = loadSync("plugins/plugins.proto", {
  includeDirs: [join(import.meta.dirname, "..", "..", "..", "proto")],
  longs: Number,
});

/** A field of bytes: its number, and what is in it. */
function field(number: number, ...bytes: readonly number[]): number[] {
  const { length } = bytes;
  return [(number << 3) | 2, ...(length < 128 ? [length] : [(length & 127) | 128, length >> 7]), ...bytes];
}

function text(number: number, value: string): number[] {
  return field(number, ...Buffer.from(value));
}

/** 1.0 in the order of the wire. */
const one = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f];

function double(number: number): number[] {
  return [(number << 3) | 1, ...one];
}

const intent = [
  ...text(1, "n/i"),
  ...double(2),
  ...text(3, "n/d"),
  ...text(4, "Deployment"),
  ...field(5, ...text(1, "n/p"), ...double(2)),
];
const pod = [...double(1), ...text(2, "node"), ...text(3, "Running"), ...text(4, "Guaranteed")];
const state = [
  ...field(1, ...intent),
  ...field(2, ...text(1, "pod"), ...field(2, ...pod)),
  ...field(3, ...text(1, "cpu_value"), ...field(2, ...field(1, ...text(1, "node"), ...double(2)))),
  ...field(4, ...text(1, "0_cpu_limits"), 0x10, 0xf4, 0x03),
  ...field(5, ...text(1, "k"), ...text(2, "v")),
];
const action = [
  ...text(1, "rmPod"),
  ...field(2, 0x08, 1, ...field(2, ...text(1, "a"), 0x10, 2), ...field(3, ...text(1, "name"), ...text(2, "pod"))),
];

const readState = {
  intent: { key: "n/i", priority: 1, targetKey: "n/d", targetKind: "Deployment", objectives: { "n/p": 1 } },
  currentPods: { pod: { availability: 1, nodeName: "node", state: "Running", qosClass: "Guaranteed" } },
  currentData: { cpu_value: { data: { node: 1 } } },
  resources: { "0_cpu_limits": 500 },
  annotations: { k: "v" },
};
const readAction = {
  name: "rmPod",
  properties: { type: PropertyType.STRING_PROPERTY, intProperties: { a: 2 }, strProperties: { name: "pod" } },
};

describe("the plugins' contract, by bytes that were written by hand from its field numbers", () => {
  it("reads a registration, and writes what came of it", () => {
    const info = field(1, ...text(2, "scaleOut"), ...text(3, "h:33334"), ...text(4, "v1alpha1"));
    expect(RegisterRequest.decode(Uint8Array.from(info))).toEqual({
      pInfo: { type: 0, name: "scaleOut", endpoint: "h:33334", supportedVersions: ["v1alpha1"] },
    });
    const bytes = RegistrationStatusResponse.encode({ pluginRegistered: true, error: "e" }).finish();
    expect([...bytes]).toEqual([0x08, 1, ...text(2, "e")]);
  });

  it("reads and writes states, profiles and actions", () => {
    const profiles = field(3, ...text(1, "n/p"), ...field(2, ...text(1, "n/p"), 0x10, 3, 0x18, 1));
    const request = [...field(1, ...state), ...field(2, ...field(1)), ...profiles];
    const read = NextStateRequest.decode(Uint8Array.from(request));
    expect(read).toMatchObject({
      state: readState,
      goal: { intent: { key: "", objectives: {} } },
      profiles: { "n/p": { key: "n/p", profileType: 3, minimize: true } },
    });
    expect([...NextStateRequest.encode(read).finish()]).toEqual(request);
    const response = [...field(1, ...state), ...field(2, ...one), ...field(3, ...action)];
    expect(NextStateResponse.decode(Uint8Array.from(response))).toEqual({
      states: [readState],
      utilities: [1],
      actions: [readAction],
    });
    expect([...PerformRequest.encode({ state: readState, plan: [readAction] }).finish()]).toEqual([
      ...field(1, ...state),
      ...field(2, ...action),
    ]);
  });

  it("names services and methods as the .proto file does", () => {
    const paths = [...Object.values(ActuatorPluginService), ...Object.values(RegistrationService)].map(
      ({ path }) => path,
    );
    expect(paths).toEqual([
      "/plugins.ActuatorPlugin/NextState",
      "/plugins.ActuatorPlugin/Perform",
      "/plugins.ActuatorPlugin/Effect",
      "/plugins.Registration/Register",
    ]);
    const services = [definition["plugins.ActuatorPlugin"], definition["plugins.Registration"]] as ServiceDefinition[];
    expect(services.flatMap((service) => Object.values(service).map(({ path }) => path))).toEqual(paths);
  });
});
