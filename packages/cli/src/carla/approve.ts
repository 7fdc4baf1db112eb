import { userInfo } from "node:os";

import { applicationResource, type Approval, approvalPatch } from "@walras/controller/carla";
import { errorAt, systemClock } from "@walras/kit";
import { getObject, HttpTransport, type KubeTransport, loadEndpoint, mergePatch } from "@walras/kube";

import { whichApplication } from "./whichApplication.ts";

export interface ApproveOptions {
  /** Where the application's name does not say it. */
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly forMs: number;
  readonly by?: string;
  /** What may be released; what is pending now where not given. */
  readonly revision?: string;
  readonly revoke: boolean;
}

interface LiveApplication {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string; readonly revisions?: string[] };
  };
}

/**
 * Consents to the release of what is pending, until the consent expires, or
 * takes it back. The consent is an annotation: whoever may patch the
 * Application may consent, and the API server's audit log knows who did.
 *
 * @param app "name" or "namespace/name"
 * @returns what has been done, for people
 */
export async function approve(app: string, options: ApproveOptions): Promise<string> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(options.kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "walras-cli", monotonicMs });
  try {
    const name = await whichApplication(transport, app, options.namespace);
    const approval = options.revoke ? null : await consent(transport, name, options);
    await mergePatch(
      transport,
      { resource: applicationResource, name },
      { metadata: { annotations: approvalPatch(approval) } },
    );
    const told = `${name.namespace}/${name.name}`;
    if (!approval) return `${told}: approval revoked`;
    const { revision, by, untilMs } = approval;
    return `${told}: revision ${revision} approved by ${by} until ${new Date(untilMs).toISOString()}`;
  } finally {
    await transport.close();
  }
}

async function consent(
  transport: KubeTransport,
  name: { namespace: string; name: string },
  options: ApproveOptions,
): Promise<Approval> {
  return {
    by: options.by ?? userInfo().username,
    untilMs: systemClock.wallMs() + options.forMs,
    revision: options.revision ?? (await pendingRevision(transport, name)),
  };
}

async function pendingRevision(transport: KubeTransport, name: { namespace: string; name: string }): Promise<string> {
  const { status } = (await getObject(transport, applicationResource, name)) as LiveApplication;
  const { status: sync, revision, revisions = revision === undefined ? [] : [revision] } = status?.sync ?? {};
  if (sync !== "OutOfSync" || revisions.length === 0) {
    throw errorAt(`${name.namespace}/${name.name}.status.sync.status`, sync, "has nothing pending: name the revision");
  }
  return revisions.join("+");
}
