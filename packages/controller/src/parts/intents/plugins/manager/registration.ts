import { type PluginInfo, PluginType, type RegisterRequest } from "@walras/proto/plugins";

import { clip } from "../../../../base/bounds/clip.ts";
import { pluginLimits as limits, protocolVersion } from "../limits.ts";

/** A plugin as it registers. */
export interface Registration {
  /** Of its actions. */
  readonly name: string;
  /** host:port */
  readonly endpoint: string;
}

const namePattern = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
/** A name or an address and a port: nothing that gRPC would read as another kind of target. */
const endpointPattern = /^(?:[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\]):(\d{1,5})$/;

/** @returns a complaint that names field and value, where it is no registration */
export function readRegistration({ pInfo }: RegisterRequest): Registration | string {
  if (pInfo === undefined) return "p_info is missing";
  const { name, endpoint } = pInfo;
  return complaintOf(pInfo) ?? { name, endpoint };
}

function complaintOf({ type, name, endpoint, supportedVersions }: PluginInfo): string | null {
  if (type !== PluginType.ACTUATOR) return `p_info.type: ${type} is not ACTUATOR: only actuators register`;
  if (name.length > limits.nameChars || !namePattern.test(name))
    return `p_info.name: ${clip(JSON.stringify(name), 80)} is not a name of ${limits.nameChars} letters, digits, ., _ and -`;
  const [, , port] = endpoint.length > limits.endpointChars ? [] : (endpointPattern.exec(endpoint) ?? []);
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    return `p_info.endpoint: ${clip(JSON.stringify(endpoint), 80)} is not host:port`;
  if (supportedVersions.includes(protocolVersion)) return null;
  return `p_info.supported_versions: ${clip(JSON.stringify(supportedVersions), 80)} has no ${protocolVersion}`;
}
