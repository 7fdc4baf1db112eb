import { systemClock } from "@walras/kit";
import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";

/** What a SelfSubjectAccessReview asks about. */
export interface Asked {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verb: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** A simulated cluster whose API server says what one user may do, and whose kubelets answer /configz. */
export class Clinic implements KubeTransport {
  readonly #transport: KubeTransport = inProcessTransport(new ApiServer({ clock: systemClock }));
  readonly asked: Asked[] = [];
  /** Whether the user has a right. */
  allows: (asked: Asked) => boolean = () => true;
  /** Paths whose reading is forbidden. */
  forbids: (path: string) => boolean = () => false;
  /** The feature gates of every kubelet; null: its /configz may not be read. */
  gates: Readonly<Record<string, boolean>> | null = {};

  async send(request: KubeRequest): Promise<unknown> {
    const { path, method } = request;
    if (path.endsWith("/selfsubjectaccessreviews")) return this.#review(request);
    if (path.endsWith("/proxy/configz") && this.gates) return { kubeletconfig: { featureGates: this.gates } };
    if ((method === "GET" && this.forbids(path)) || path.endsWith("/proxy/configz"))
      throw new KubeError("forbidden", { status: 403, reason: "Forbidden" });
    return this.#transport.send(request);
  }

  stream(request: KubeRequest): ReturnType<KubeTransport["stream"]> {
    return this.#transport.stream(request);
  }

  /** @param folder where the API has the collection: `/api/v1` or `/apis/GROUP/VERSION`, and the namespace */
  async create(folder: string, plural: string, body: object): Promise<void> {
    await this.send({ method: "POST", path: `${folder}/${plural}`, body });
  }

  #review({ body }: KubeRequest): object {
    const { resourceAttributes } = (body as { readonly spec: { readonly resourceAttributes: Asked } }).spec;
    this.asked.push(resourceAttributes);
    return { status: { allowed: this.allows(resourceAttributes) } };
  }
}
