import { asMap, asText, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { badRequest, conflict, invalid, requiredField } from "../status.ts";

/**
 * pods/binding: the pod on the node that `body` names, with the annotations that it brings. Its uid and resourceVersion are
 * preconditions.
 *
 * @throws ApiFailure 400 or 422 for a wrong Binding, 409 where the pod is bound, gated, going, or not the one that is meant
 */
export function boundPod(pod: KubeObject, body: unknown, time: string): KubeObject {
  const binding = asMap(body);
  const metadata = asMap(binding["metadata"]);
  if (asText(metadata["name"]) !== pod.metadata.name)
    throw badRequest("name in URL does not match name in Binding object");
  const node = asText(asMap(binding["target"])["name"]);
  if (!node) throw invalid({ group: "", kind: "Binding", name: pod.metadata.name }, [requiredField("target.name")]);
  checkMeant(pod, metadata);
  checkFree(pod);
  const annotations = { ...pod.metadata.annotations, ...stringsOf(metadata["annotations"]) };
  const merged = Object.keys(annotations).length === 0 ? {} : { annotations };
  const status = { ...pod.status, conditions: scheduled(pod, time) };
  return {
    ...pod,
    metadata: { ...pod.metadata, ...merged },
    spec: { ...pod.spec, nodeName: node },
    status,
  };
}

function stringsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(asMap(value)).map(([key, text]) => [key, asText(text)]));
}

function checkMeant({ metadata }: KubeObject, given: JsonMap): void {
  const target = { group: "", kind: "pods/binding", name: metadata.name };
  const [uid, version] = [asText(given["uid"]), asText(given["resourceVersion"])];
  if (uid && uid !== metadata.uid) {
    throw conflict(target, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`);
  }
  if (version && version !== metadata.resourceVersion) {
    const held = `ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw conflict(target, `Precondition failed: ResourceVersion in precondition: ${version}, ${held}`);
  }
}

function checkFree(pod: KubeObject): void {
  const { name } = pod.metadata;
  const target = { group: "", kind: "pods/binding", name };
  const node = asText(pod.spec?.["nodeName"]);
  if (pod.metadata.deletionTimestamp)
    throw conflict(target, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (node) throw conflict(target, `pod ${name} is already assigned to node "${node}"`);
  if (mapsOf(pod.spec?.["schedulingGates"]).length > 0)
    throw conflict(target, `pod ${name} has non-empty .spec.schedulingGates`);
}

function scheduled(pod: KubeObject, time: string): readonly JsonMap[] {
  const others = mapsOf(pod.status?.["conditions"]).filter((condition) => condition["type"] !== "PodScheduled");
  return [...others, { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: time }];
}
