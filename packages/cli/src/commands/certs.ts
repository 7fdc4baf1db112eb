import { errorAt } from "@walras/kit";
import type { ServerIdentity } from "@walras/kit/certificates";
import { Command } from "commander";
import { stringify } from "yaml";

/** walras certs: the Secret that the agents' port is served with, and the ConfigMap that agents verify it by. */
export function certsCommand(): Command {
  return new Command("certs")
    .description(
      "print a Secret with a certificate for the controller, and a ConfigMap with the new authority that signed it",
    )
    .option("--namespace <name>", "of the controller", "walras-system")
    .option("--days <n>", "how long it is valid", "365")
    .option("--host <names...>", "more DNS names or addresses of the controller", [])
    .action(async (options: { namespace: string; days: string; host: string[] }) => {
      const { namespace } = options;
      const service = `walras-controller.${namespace}.svc`;
      const { issue } = await import("../certificates.ts");
      const pem = await issue(
        [service, `${service}.cluster.local`, "localhost", ...options.host],
        readDays(options.days),
      );
      process.stdout.write(certificateObjects(pem, namespace));
    });
}

/**
 * YAML for `kubectl apply`. The authority lies apart from the key: agents mount it, and what a
 * node's pods may mount, its kubelet may read.
 */
export function certificateObjects({ authority, certificate, key }: ServerIdentity, namespace: string): string {
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "walras-controller-tls", namespace },
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": certificate, "tls.key": key },
  };
  const configMap = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "walras-controller-ca", namespace },
    data: { "ca.crt": authority },
  };
  return [secret, configMap].map((object) => stringify(object)).join("---\n");
}

const mostDays = 3650;

/** @throws FieldError naming the option and its value */
function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= mostDays) return days;
  throw errorAt("--days", text, `is not a whole number from 1 to ${mostDays}`);
}
