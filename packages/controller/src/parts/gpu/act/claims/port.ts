import { type KubeTransport, mergePatch, resources } from "@walras/kube";

import type { Claim } from "../../decide/claims/claim.ts";

/** Keeps a claim from going while its devices are in use. */
export const deleteProtection = "resource.kubernetes.io/delete-protection";

/** Writes on claims, each for one version of it. */
export interface ClaimPort {
  /** @returns its version after that @throws KubeError 409 where it has changed */
  protect(claim: Claim): Promise<string>;
  /** What it has, and for whom; of `allocation` undefined leaves it. @returns its version after that @throws KubeError 409 */
  write(claim: Claim, version: string, status: ClaimStatus): Promise<string>;
}

interface ClaimStatus {
  readonly allocation?: object | null;
  readonly reservedFor: Claim["reservedFor"];
}

export function claimPort(transport: KubeTransport): ClaimPort {
  const send = async (claim: Claim, body: Record<string, unknown>, subresource?: string): Promise<string> => {
    const { namespace, name } = claim;
    const target = { resource: resources.resourceClaim, name: { namespace, name } };
    const answer = await mergePatch(transport, subresource === undefined ? target : { ...target, subresource }, body);
    return (answer as { readonly metadata?: { readonly resourceVersion?: string } }).metadata?.resourceVersion ?? "";
  };
  return {
    protect: ({ finalizers, version, uid, ...claim }) =>
      send(
        { finalizers, version, uid, ...claim },
        {
          metadata: { uid, resourceVersion: version, finalizers: [...finalizers, deleteProtection] },
        },
      ),
    write: (claim, version, { allocation, reservedFor }) =>
      send(
        claim,
        {
          metadata: { uid: claim.uid, resourceVersion: version },
          status: {
            ...(allocation === undefined ? {} : { allocation }),
            reservedFor: reservedFor.length > 0 ? reservedFor : null,
          },
        },
        "status",
      ),
  };
}
