export { attach, type CpuGroup, cpuGroup } from "./cpuGroup.ts";
export { advance, cfsPeriodMs } from "./cpuModel.ts";
export { Machine } from "./machine.ts";
