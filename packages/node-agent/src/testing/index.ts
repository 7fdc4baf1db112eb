export { CgroupFixture, containerGroup, containerId, podPath } from "./cgroupFixture.ts";
export { aGpu, FakeGpuReader, gpuUuid } from "./gpus.ts";
export { TestController } from "./controller.ts";
export { containerHolding, KubeletDouble } from "./kubelet.ts";
