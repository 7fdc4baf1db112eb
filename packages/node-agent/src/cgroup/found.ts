import type { ContainerName } from "./names.ts";

/** A container's group. Paths are relative to the hierarchy's root. */
export interface FoundContainer extends ContainerName {
  /** The pod's UID, or the config hash of a static pod. */
  readonly podName: string;
  readonly path: string;
  readonly podPath: string;
  /** The group that the tree of all pods is in; empty at the root. */
  readonly nodePath: string;
}
