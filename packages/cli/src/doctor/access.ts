import type { KubeTransport } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import type { Right } from "./rights.ts";

/** Whether these credentials have each right, asked of the API server itself. */
export function accessChecks(transport: KubeTransport, rights: readonly Right[], home: string): readonly Check[] {
  return rights.map((right) => ({ name: `rights to ${nameOf(right)}`, run: () => ask(transport, right, home) }));
}

/** As `kubectl auth can-i` has it. */
function nameOf({ group, resource }: Right): string {
  const [plural = "", subresource] = resource.split("/");
  const grouped = group === "" ? plural : `${plural}.${group}`;
  return subresource === undefined ? grouped : `${grouped}/${subresource}`;
}

async function ask(transport: KubeTransport, right: Right, home: string): Promise<Answer> {
  const answers = await Promise.all(
    right.verbs.map(async (verb) => ({ verb, refused: await refusal(transport, { ...right, verb }, home) })),
  );
  const refused = answers.filter((one) => one.refused !== null);
  if (refused.length === 0) return { verdict: "ok", detail: right.verbs.join(", ") };
  const which = refused.map(({ verb }) => verb).join(", ");
  const where = right.atHome ? ` in ${home}: bind Role` : ": bind ClusterRole";
  const detail = `may not ${which} (${refused[0]?.refused})${where} ${right.role} of deploy/`;
  if (right.onlyFor === undefined) return { verdict: "fail", detail };
  return { verdict: "warn", detail: `${detail}, for ${right.onlyFor}` };
}

/** Why not; null: allowed. */
async function refusal(
  transport: KubeTransport,
  { group, resource: path, verb, atHome, name }: Right & { readonly verb: string },
  home: string,
): Promise<string | null> {
  const [resource, subresource] = path.split("/");
  const resourceAttributes = {
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    verb,
    ...(atHome ? { namespace: home } : {}),
    ...(name === undefined ? {} : { name }),
  };
  const answer = await transport.send({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } },
  });
  const { status } = answer as { status?: { allowed?: boolean; reason?: string } };
  return status?.allowed ? null : status?.reason || "no rule grants it";
}
