import { ServerCredentials } from "@grpc/grpc-js";
import type { ServerIdentity } from "@walras/kit/certificates";

/** A certificate that is given while it serves. Before the first one every connection is dropped, as of a server that is not there. */
export class IssuedCredentials extends ServerCredentials {
  constructor() {
    super({});
  }

  /** New connections are served with it; those that are open go on as they are. */
  take({ certificate, key }: Pick<ServerIdentity, "certificate" | "key">): void {
    this.updateSecureContextOptions({ cert: certificate, key });
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}
