import type { OutgoingHttpHeaders } from "node:http";
import { type Agent, request } from "node:https";
import type { TLSSocket } from "node:tls";

/** How a client of a test reaches the port, and whom it trusts. */
export interface Asking {
  readonly port: number;
  readonly ca: string;
  /** Whom the certificate must name. */
  readonly servername?: string;
  readonly agent?: Agent;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** What a client of a test was answered, and by which certificate. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly serial: string;
}

export const host = "gpu-scheduler-webhook.gpu-scheduler-system.svc";

/** Asks as an API server does: over TLS, and only who has a certificate for the Service's name. */
export function ask(body: unknown, asking: Asking): Promise<Answered> {
  const { port, ca, servername = host, agent, method = "POST", path = "/mutate?timeout=5s", headers = {} } = asking;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const options = { port, ca, servername, method, path, host: "127.0.0.1", agent: agent ?? false };
  const sent = request({ ...options, headers: { "content-type": "application/json", ...headers } }, (response) => {
    const serial = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
    let answer = "";
    response.setEncoding("utf8").on("data", (chunk: string) => (answer += chunk));
    response.once("error", reject);
    response.once("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answer, serial }),
    );
  });
  sent.once("error", reject);
  sent.end(text);
  return promise;
}
