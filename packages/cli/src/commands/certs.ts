import { errorAt } from "@walras/kit";
import { Command } from "commander";
import { stringify } from "yaml";

/** walras certs: the Secret that the agents' port is served with. */
export function certsCommand(): Command {
  return new Command("certs")
    .description("print a Secret with a new authority, and a certificate for the controller signed by it")
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
      process.stdout.write(
        stringify({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "walras-controller-tls", namespace },
          type: "kubernetes.io/tls",
          stringData: { "ca.crt": pem.authority, "tls.crt": pem.certificate, "tls.key": pem.key },
        }),
      );
    });
}

const mostDays = 3650;

/** @throws FieldError naming the option and its value */
function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= mostDays) return days;
  throw errorAt("--days", text, `is not a whole number from 1 to ${mostDays}`);
}
