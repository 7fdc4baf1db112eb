/** `namespace/name` of a Kubernetes object (RFC 1123): nothing else is written into a query. */
export const objectKey = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

/** On a workload: namespaces, separated by commas, whose intents may be about it. */
export const grantAnnotation = "ido.intel.com/allow-intents-from";
