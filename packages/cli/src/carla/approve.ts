import { userInfo } from "node:os";

import { applicationResource, type Approval, approvalPatch } from "@walras/controller/carla";
import { errorAt, systemClock } from "@walras/kit";
import { getObject, HttpTransport, type KubeTransport, loadEndpoint, mergePatch } from "@walras/kube";

export interface ApproveOptions {
  readonly namespace: string;
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
 * @returns what has been done, for people
 */
export async function approve(app: string, options: ApproveOptions): Promise<string> {
  const monotonicMs = (): number => systemClock.monotonicMs();
  const endpoint = await loadEndpoint(options.kubeconfig, monotonicMs);
  const transport = new HttpTransport({ endpoint, userAgent: "walras-cli", monotonicMs });
  try {
    const approval = options.revoke ? null : await consent(transport, app, options);
    const name = { namespace: options.namespace, name: app };
    await mergePatch(
      transport,
      { resource: applicationResource, name },
      { metadata: { annotations: approvalPatch(approval) } },
    );
    if (!approval) return `${options.namespace}/${app}: approval revoked`;
    const { revision, by, untilMs } = approval;
    return `${options.namespace}/${app}: revision ${revision} approved by ${by} until ${new Date(untilMs).toISOString()}`;
  } finally {
    await transport.close();
  }
}

async function consent(transport: KubeTransport, app: string, options: ApproveOptions): Promise<Approval> {
  return {
    by: options.by ?? userInfo().username,
    untilMs: systemClock.wallMs() + options.forMs,
    revision: options.revision ?? (await pendingRevision(transport, { namespace: options.namespace, name: app })),
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
