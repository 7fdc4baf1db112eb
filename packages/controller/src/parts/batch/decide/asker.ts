/** Whose jobs: the ScaledJob or ScaledObject whose trigger asks, and all of the trigger's metadata. */
export interface ScaledRef {
  readonly namespace: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}
