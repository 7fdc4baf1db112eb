import type { FastifyReply } from "fastify";

/**
 * Nothing but what this port itself serves is loaded or asked, no script that
 * is written into the page runs, and nobody frames it. A page that is read-only
 * has no forms.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

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
