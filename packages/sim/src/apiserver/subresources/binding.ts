import { asMap, asText, type JsonMap, type KubeObject, mapsOf } from "../objects/model.ts";
import { badRequest, conflict, invalid, requiredField } from "../status.ts";

/**
 * pods/binding: the pod on the node that `body` names.
 *
 * @throws ApiFailure 400 or 422 for a wrong Binding, 409 where the pod is bound or going
 */
export function boundPod(pod: KubeObject, body: unknown, time: string): KubeObject {
  const binding = asMap(body);
  const metadata = asMap(binding["metadata"]);
  if (asText(metadata["name"]) !== pod.metadata.name)
    throw badRequest("name in URL does not match name in Binding object");
  const node = asText(asMap(binding["target"])["name"]);
  if (!node) throw invalid({ group: "", kind: "Binding", name: pod.metadata.name }, [requiredField("target.name")]);
  checkFree(pod, asText(metadata["uid"]));
  const status = { ...pod.status, conditions: scheduled(pod, time) };
  return { ...pod, spec: { ...pod.spec, nodeName: node }, status };
}

function checkFree(pod: KubeObject, uid: string): void {
  const { name } = pod.metadata;
  const target = { group: "", kind: "pods/binding", name };
  const node = asText(pod.spec?.["nodeName"]);
  if (uid && uid !== pod.metadata.uid) {
    throw conflict(target, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`);
  }
  if (pod.metadata.deletionTimestamp)
    throw conflict(target, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (node) throw conflict(target, `pod ${name} is already assigned to node "${node}"`);
}

function scheduled(pod: KubeObject, time: string): readonly JsonMap[] {
  const others = mapsOf(pod.status?.["conditions"]).filter((condition) => condition["type"] !== "PodScheduled");
  return [...others, { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: time }];
}
