import type { ObjectName } from "@walras/kube";

import type { ObjectRef } from "../../told/decision.ts";
import type { MakeTeller, Teller } from "../../told/teller.ts";
import { authoritiesIn, type KeeperTeller, rotationOf } from "../../trust/keeper.ts";
import { configMapResource, type StoredAuthorities, secretResource } from "../../trust/kube.ts";
import { identityVerdicts } from "./verdicts.ts";

interface Kept {
  readonly secret: ObjectName;
  readonly trust: ObjectName;
}

/** What is told of the certificate of the agents' port, on the objects that hold it. */
export class AgentIdentityTeller implements KeeperTeller<StoredAuthorities> {
  readonly #kept: Kept;
  readonly #teller: Teller<typeof identityVerdicts>;
  #trustUid = "";

  constructor(kept: Kept, teller: MakeTeller) {
    this.#kept = kept;
    this.#teller = teller("identity", "Identity", identityVerdicts);
  }

  looked(told: StoredAuthorities | null): string | null {
    this.#trustUid = told?.uid ?? this.#trustUid;
    const { namespace, name } = this.#kept.trust;
    return told ? null : `configmap ${namespace}/${name} is not there: agents cannot be told whom to trust`;
  }

  rotated(...done: Parameters<typeof rotationOf>): void {
    this.#teller.tell({ object: this.#secret(), verdict: "AgentCertificate", reason: rotationOf(...done) });
  }

  trusted(bundle: string): void {
    const { apiVersion, kind } = configMapResource;
    const object = { apiVersion, kind, ...this.#kept.trust, uid: this.#trustUid };
    this.#teller.tell({ object, verdict: "AgentAuthorities", reason: `it has ${authoritiesIn(bundle)}` });
  }

  /** @param reason null: the last look did not fail */
  failed(reason: string | null): void {
    const told = { object: this.#secret(), verdict: "AgentCertificateFailed", reason: reason ?? "" } as const;
    this.#teller.tellOnce("certificate", reason === null ? undefined : told);
  }

  #secret(): ObjectRef {
    const { apiVersion, kind } = secretResource;
    return { apiVersion, kind, ...this.#kept.secret, uid: "" };
  }
}
