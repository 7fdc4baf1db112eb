export { loadEndpoint } from "./config.ts";
export type { KubeEndpoint } from "./endpoint.ts";
export { evictPod, requestEviction } from "./evict.ts";
export { type EventNote, EventRecorder } from "./events.ts";
export { LeaderElector, type LeaderOptions } from "./lease.ts";
export { listAll, listItems, type ListOptions, listPages, type Listing } from "./list.ts";
export { linesOf } from "./lines.ts";
export { microTime } from "./microTime.ts";
export { createObject, deleteObject, getObject, replaceObject } from "./objects.ts";
export { collectionPath, objectPath, resources } from "./paths.ts";
export { applyObject, type ApplyOptions, type ContainerCpu, type KubeObject, mergePatch, resizePod } from "./patch.ts";
export {
  KubeError,
  type KubeLines,
  type KubeRequest,
  type KubeTransport,
  type ObjectName,
  type Resource,
} from "./port.ts";
export { currentMs } from "./freshness.ts";
export { type Projection, projection } from "./projection.ts";
export { rereadToken } from "./tokenFile.ts";
export { Reflector, type ReflectorObserver, type ReflectorOptions } from "./reflector.ts";
export { retryReads } from "./retry.ts";
export { Store, type StoreChange, type StoreItem } from "./store.ts";
export { HttpTransport, type TransportObserver } from "./transport.ts";
export { Superseded, type Write } from "./write.ts";
export { type WriteObserver, WriteQueue } from "./writes.ts";
