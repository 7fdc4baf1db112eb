import { readFileSync } from "node:fs";
import { join } from "node:path";

import { evaluate } from "@marcbachmann/cel-js";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { addAdmissionFlags, admissionShape } from "./flags.ts";
import { systemNamespaces } from "./names.ts";
import { reviewPath } from "./server/refuse.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly [field: string]: unknown;
}

interface Webhook {
  readonly clientConfig: { readonly caBundle?: string; readonly service: { readonly [field: string]: unknown } };
  readonly matchConditions: readonly { readonly expression: string }[];
  readonly namespaceSelector: { readonly matchExpressions: readonly { readonly values: readonly string[] }[] };
  readonly rules: readonly object[];
  readonly [field: string]: unknown;
}

const folder = join(import.meta.dirname, "../../../../../../deploy/gpu/webhook");
const flags = z.object(admissionShape).parse(addAdmissionFlags(new Command()).parse([], { from: "user" }).opts());
const namespace = "gpu-scheduler-system";

function manifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS() as Manifest);
}

const [configuration] = manifests("configuration.yaml");
const [webhook] = (configuration?.["webhooks"] ?? []) as readonly [Webhook];

describe("the shipped webhook", () => {
  it("has the names of the flags", () => {
    expect(configuration?.metadata.name).toBe(flags.gpuWebhookConfiguration);
    expect(webhook.clientConfig.service).toEqual({
      namespace,
      name: flags.gpuWebhookService,
      path: reviewPath,
      port: 443,
    });
    expect(manifests("service.yaml")[0]?.metadata.name).toBe(flags.gpuWebhookService);
    expect(manifests("secret.yaml")[0]?.metadata.name).toBe(flags.gpuWebhookSecret);
  });

  it("listens only where an address is given, and that is one", () => {
    const read = (...given: readonly string[]): unknown =>
      z.object(admissionShape).safeParse(addAdmissionFlags(new Command()).parse(given, { from: "user" }).opts())
        .success;
    expect(flags.gpuWebhookAddress).toBeUndefined();
    expect([read("--gpu-webhook-address=0.0.0.0:9443"), read("--gpu-webhook-address=9443")]).toEqual([true, false]);
    expect(read("--gpu-webhook-service=Not A Name")).toBe(false);
  });

  it.each([
    [{ spec: { schedulerName: "gpu-scheduler" } }, true],
    [{ spec: { schedulerName: "default-scheduler" } }, false],
    [{ spec: { schedulerName: "" } }, false],
    [{ spec: {} }, false],
  ])("is asked about %j: %s", (object, asked) => {
    expect(webhook.matchConditions.map(({ expression }) => evaluate(expression, { object }))).toEqual([asked]);
  });

  it("is never asked about a namespace of the system, nor about its own", () => {
    const [{ values }] = webhook.namespaceSelector.matchExpressions as readonly [{ values: readonly string[] }];
    expect(webhook.namespaceSelector.matchExpressions).toEqual([
      { key: "kubernetes.io/metadata.name", operator: "NotIn", values },
    ]);
    expect(values).toEqual([...systemNamespaces, namespace]);
  });

  it("is asked about the creation of pods alone, and changes nothing else", () => {
    const rule = {
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: ["pods"],
      operations: ["CREATE"],
      scope: "Namespaced",
    };
    expect(webhook).toMatchObject({
      rules: [rule],
      failurePolicy: "Fail",
      matchPolicy: "Equivalent",
      reinvocationPolicy: "IfNeeded",
      sideEffects: "None",
      timeoutSeconds: 5,
      admissionReviewVersions: ["v1"],
    });
  });

  it("leaves certificates to the scheduler, which may read and patch one Secret and one configuration", () => {
    const [secret] = manifests("secret.yaml");
    expect([webhook.clientConfig.caBundle, secret?.["data"]]).toEqual([undefined, undefined]);
    const rules = manifests("rbac.yaml").flatMap((manifest) => (manifest["rules"] ?? []) as readonly object[]);
    expect(rules).toEqual([
      { apiGroups: [""], resources: ["secrets"], resourceNames: [flags.gpuWebhookSecret], verbs: ["get", "patch"] },
      {
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["mutatingwebhookconfigurations"],
        resourceNames: [flags.gpuWebhookConfiguration],
        verbs: ["get", "patch"],
      },
    ]);
  });
});
