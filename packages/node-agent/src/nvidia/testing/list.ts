import type { DoubleGpu, DoubleMachine } from "./control.ts";

/** `nvidia-smi -L` */
export function gpuList({ gpus }: DoubleMachine): string {
  return gpus.map(listed).join("");
}

function listed({ index, model, uuid, mig }: DoubleGpu): string {
  const devices = mig.current === "Enabled" ? mig.devices : [];
  const lines = devices.map(
    (device, at) => `  MIG ${device.profile.padEnd(11)} Device ${String(at).padStart(2)}: (UUID: ${device.uuid})\n`,
  );
  return `GPU ${index}: ${model} (UUID: ${uuid})\n${lines.join("")}`;
}
