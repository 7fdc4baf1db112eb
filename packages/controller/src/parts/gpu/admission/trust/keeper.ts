import type { ObjectName } from "@walras/kube";

import type { ObjectRef } from "../../../../base/told/decision.ts";
import type { Teller } from "../../../../base/told/teller.ts";
import {
  authoritiesIn,
  CertificateKeeper,
  type KeeperOptions,
  type KeeperTeller,
  rotationOf,
} from "../../../../base/trust/keeper.ts";
import type { admissionVerdicts } from "../verdicts.ts";
import { configurationResource, type StoredConfiguration } from "./configuration.ts";

interface WebhookNames {
  readonly secret: ObjectName;
  readonly configuration: string;
  readonly service: ObjectName;
}

export interface WebhookKeeperOptions extends Pick<
  KeeperOptions<StoredConfiguration>,
  "secret" | "trust" | "issue" | "serve" | "clock"
> {
  readonly names: WebhookNames;
  readonly teller: Pick<Teller<typeof admissionVerdicts>, "tell" | "tellOnce">;
}

/** Keeps the webhook's certificate and the API servers' trust in it. Every replica answers, and so every one may write. */
export function webhookKeeper({
  names,
  teller,
  ...options
}: WebhookKeeperOptions): CertificateKeeper<StoredConfiguration> {
  const { namespace, name } = names.service;
  return new CertificateKeeper({
    ...options,
    names: { certificate: "the webhook's certificate", trust: names.configuration, authority: name },
    hosts: [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`],
    mayWrite: () => true,
    teller: new WebhookTeller(names, teller),
  });
}

class WebhookTeller implements KeeperTeller<StoredConfiguration> {
  readonly #names: WebhookNames;
  readonly #teller: WebhookKeeperOptions["teller"];
  #uid = "";

  constructor(names: WebhookNames, teller: WebhookKeeperOptions["teller"]) {
    this.#names = names;
    this.#teller = teller;
  }

  looked(told: StoredConfiguration | null): string | null {
    this.#uid = told?.uid ?? this.#uid;
    const missing = missingOf(told, this.#names);
    this.#tellOnce("WebhookMissing", missing);
    this.#tellOnce("WebhookUnguarded", told?.unguarded ? unguarded(this.#names.configuration) : null);
    return missing;
  }

  rotated(...done: Parameters<typeof rotationOf>): void {
    const object = { apiVersion: "v1", kind: "Secret", ...this.#names.secret, uid: "" };
    this.#teller.tell({ object, verdict: "WebhookCertificate", reason: rotationOf(...done) });
  }

  trusted(bundle: string): void {
    const reason = `caBundle has ${authoritiesIn(bundle)}`;
    this.#teller.tell({ object: this.#configuration(), verdict: "WebhookTrusted", reason });
  }

  /** @param reason null: it does not hold */
  #tellOnce(verdict: "WebhookMissing" | "WebhookUnguarded", reason: string | null): void {
    const told = reason === null ? undefined : { object: this.#configuration(), verdict, reason };
    this.#teller.tellOnce(verdict, told);
  }

  #configuration(): ObjectRef {
    const { apiVersion, kind } = configurationResource;
    return { apiVersion, kind, namespace: "", name: this.#names.configuration, uid: this.#uid };
  }
}

function unguarded(configuration: string): string {
  return `${configuration} has no matchConditions: while no replica answers, nobody can create pods of any scheduler`;
}

function missingOf(told: StoredConfiguration | null, { configuration, service }: WebhookNames): string | null {
  if (!told) return `${configuration} is not there: pods get no CUDA_VISIBLE_DEVICES until it is applied again`;
  if (told.bundles.length > 0) return null;
  return `${configuration} has no webhook whose service is ${service.namespace}/${service.name}`;
}
