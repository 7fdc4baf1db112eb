/**
 * The Content-Security-Policy that the page lives under. Nothing but what its
 * own port serves is loaded or asked, no script that is written into the page
 * runs, and nobody frames it. A page that is read-only has no forms.
 */
export const contentSecurityPolicy: string = [
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
