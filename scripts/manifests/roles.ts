import { type ApiCall, resourceName } from "./apiCall.ts";
import type { Manifest } from "./load.ts";

/** One right of one role, and who has it. */
export interface Grant extends ApiCall {
  readonly role: string;
  /** `NAMESPACE/NAME` of service accounts; none where nothing binds the role. */
  readonly accounts: readonly string[];
}

/** A call that a service account has made. */
export interface UsedCall extends ApiCall {
  readonly account: string;
}

interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  /** Paths of no object, which a program serves itself. */
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

type Role = Manifest & { readonly rules: readonly PolicyRule[] };

type Binding = Manifest & {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly name: string; readonly namespace: string }[];
};

/** Everything that the roles of some manifests grant. */
export function grantsOf(objects: readonly Manifest[]): readonly Grant[] {
  const bindings = objects.filter((object): object is Binding => object.kind.endsWith("RoleBinding"));
  const roles = objects.filter((object): object is Role => object.kind === "Role" || object.kind === "ClusterRole");
  return roles.flatMap((role) => {
    const { name, namespace } = role.metadata;
    const binding = bindings.filter(
      ({ roleRef, metadata }) =>
        roleRef.kind === role.kind && roleRef.name === name && metadata.namespace === namespace,
    );
    const accounts = binding.flatMap(({ subjects }) => subjects.map((of) => `${of.namespace}/${of.name}`));
    return rightsOf(role).map((right) => ({ ...right, role: name, accounts }));
  });
}

function rightsOf({ rules, metadata: { namespace } }: Role): readonly ApiCall[] {
  return rules.flatMap(({ apiGroups = [], resources = [], nonResourceURLs = [], verbs }) => {
    const named = apiGroups.flatMap((group) => resources.map((resource) => nameIn(group, resource)));
    return [...named, ...nonResourceURLs].flatMap((resource) => verbs.map((verb) => ({ verb, resource, namespace })));
  });
}

function nameIn(group: string, resource: string): string {
  const [plural = "", subresource] = resource.split("/");
  return resourceName(plural, group, subresource);
}

/** Whether the grant is what allowed the call. A role of the cluster holds in every namespace. */
export function allows(grant: Grant, call: UsedCall): boolean {
  return (
    grant.accounts.includes(call.account) &&
    grant.verb === call.verb &&
    grant.resource === call.resource &&
    (grant.namespace === undefined || grant.namespace === call.namespace)
  );
}

/** Rights that no call has used, and calls that no role of ours allows. */
export function compare(
  grants: readonly Grant[],
  calls: readonly UsedCall[],
): { readonly unused: readonly Grant[]; readonly notGranted: readonly UsedCall[] } {
  return {
    unused: grants.filter((grant) => !calls.some((call) => allows(grant, call))),
    notGranted: calls.filter((call) => !grants.some((grant) => allows(grant, call))),
  };
}

/** `patch pods/resize`, and where. */
export function shown({ verb, resource, namespace }: ApiCall): string {
  return `${verb} ${resource}${namespace === undefined ? "" : ` in ${namespace}`}`;
}
