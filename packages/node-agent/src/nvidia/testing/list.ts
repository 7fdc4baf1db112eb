import type { DoubleGpu, DoubleMachine } from "./control.ts";

/** `nvidia-smi -L` */
export function gpuList({ gpus }: DoubleMachine): string {
  return gpus.map(listed).join("");
}

/** `nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name --format=csv,noheader` */
export function appList({ gpus }: DoubleMachine): string {
  const running = gpus.filter(({ lost }) => !lost);
  return running
    .flatMap(({ uuid, processes }) => processes.map(({ pid, name }) => `${uuid}, ${pid}, ${name}\n`))
    .join("");
}

function listed({ index, model, uuid, mig, lost, busId }: DoubleGpu): string {
  if (lost)
    return `Unable to determine the device handle for GPU${busId.slice(4)}: GPU is lost.  Reboot the system to recover this GPU\n`;
  const devices = mig.current === "Enabled" ? mig.devices : [];
  const lines = devices.map(
    (device, at) => `  MIG ${device.profile.padEnd(11)} Device ${String(at).padStart(2)}: (UUID: ${device.uuid})\n`,
  );
  return `GPU ${index}: ${model} (UUID: ${uuid})\n${lines.join("")}`;
}
