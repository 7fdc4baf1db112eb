import { contentSecurityPolicy } from "@walras/api";
import type { FastifyReply } from "fastify";

const headers: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** On every answer, refusals included. */
export function addSecurityHeaders(reply: FastifyReply): void {
  void reply.headers(headers);
}

/** For answers that begin beside the framework. */
export const streamHeaders: Readonly<Record<string, string>> = {
  ...headers,
  "content-type": "text/event-stream",
  "cache-control": "no-store",
};
