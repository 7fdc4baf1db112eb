export { CgroupSampler, type CgroupSamplerOptions } from "./sample/cgroupSampler.ts";
export type { TroubleObserver } from "./sample/containerSampler.ts";
export { type MachineSample, type SampledContainer, sampleOnce, type SampleOnceOptions } from "./sample/sampleOnce.ts";
export { type ContainerSample, type NodeLoad, type NodeReading, type Sampler, type Wanted } from "./sample/sampler.ts";
export { nothingYet } from "./sample/sampler.ts";
export { AgentConnection, type AgentConnectionOptions } from "./session/agentConnection.ts";
export { GrpcDialer, type GrpcDialerOptions } from "./session/grpcDialer.ts";
export type { SecurityOptions } from "./session/security.ts";
export type { ControllerStream, Dialer, StreamEvents } from "./session/stream.ts";
