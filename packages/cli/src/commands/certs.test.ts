import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { issue } from "../certificates.ts";
import { certificateObjects } from "./certs.ts";

interface Printed {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

async function printed(): Promise<readonly Printed[]> {
  const pem = await issue(["walras-controller.walras-system.svc"], 2);
  return parseAllDocuments(certificateObjects(pem, "walras-system")).map((document) => document.toJS() as Printed);
}

describe("walras certs", () => {
  it("keeps the key in a Secret that only the controller mounts, and the authority in a ConfigMap for agents", async () => {
    const [secret, configMap, ...others] = await printed();
    expect(others).toEqual([]);
    expect(secret).toMatchObject({ kind: "Secret", metadata: { name: "walras-controller-tls" } });
    expect(Object.keys(secret?.stringData ?? {})).toEqual(["tls.crt", "tls.key"]);
    expect(configMap).toMatchObject({ kind: "ConfigMap", metadata: { name: "walras-controller-ca" } });
    expect(Object.keys(configMap?.data ?? {})).toEqual(["ca.crt"]);
  });

  it("puts both where the controller is", async () => {
    for (const { metadata } of await printed()) expect(metadata.namespace).toBe("walras-system");
  });

  it("prints an authority that signed the certificate", async () => {
    const [secret, configMap] = await printed();
    const certificate = new X509Certificate(secret?.stringData?.["tls.crt"] ?? "");
    const authority = new X509Certificate(configMap?.data?.["ca.crt"] ?? "");
    expect(certificate.verify(authority.publicKey)).toBe(true);
  });
});
