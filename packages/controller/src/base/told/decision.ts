/** Which object a decision concerns. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What was decided about an object, and why: the one record from which Events, views and the history are made. */
export interface Decision {
  readonly part: string;
  readonly object: ObjectRef;
  /** One PascalCase word, from its part's table of verdicts. */
  readonly verdict: string;
  /** A sentence for people. */
  readonly reason: string;
  /** What it was decided by; units are in the names. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** What there is to know of a verdict beforehand. */
export interface VerdictKind {
  /** Of the object that it is told on. */
  readonly about: string;
  /** How its Event is typed; null: it is in the history only, since it happens too often. */
  readonly event: "Normal" | "Warning" | null;
  readonly meaning: string;
}

/** Every verdict of a part by name. */
export type Verdicts = Readonly<Record<string, VerdictKind>>;

export function podRef({ namespace, name, uid }: Pick<ObjectRef, "namespace" | "name" | "uid">): ObjectRef {
  return { apiVersion: "v1", kind: "Pod", namespace, name, uid };
}

export function nodeRef(name: string, uid: string): ObjectRef {
  return { apiVersion: "v1", kind: "Node", namespace: "", name, uid };
}
