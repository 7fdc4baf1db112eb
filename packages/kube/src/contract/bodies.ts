/** Amounts of a container's resources. */
export interface Amounts {
  readonly requests?: Readonly<Record<string, string | null>>;
  readonly limits?: Readonly<Record<string, string | null>>;
}

/** A Burstable pod's resources. */
export const burstable: Amounts = {
  requests: { cpu: "100m", memory: "32Mi" },
  limits: { cpu: "200m", memory: "64Mi" },
};

/** A pod with one container "c", which no scheduler takes up. */
export function pod(name: string, resources: Amounts = {}, labels: Readonly<Record<string, string>> = {}): object {
  return {
    metadata: { name, labels },
    spec: {
      schedulerName: "nobody",
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "c", image: "example.invalid/app:1", resources }],
    },
  };
}

/** A deployment that wants no pods. */
export function deployment(name: string): object {
  const labels = { app: name };
  return {
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "example.invalid/app:1" }] } },
    },
  };
}

/** A config map with data. */
export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = {},
  labels: Readonly<Record<string, string>> = {},
): object {
  return { metadata: { name, labels }, data };
}
