import { z } from "zod";

const claimsSchema = z.object({ exp: z.number() });
/** A longer one is no service-account token, and not worth reading. */
const longestTokenChars = 16 * 1024;

/**
 * When a token says that it ends, in milliseconds since the epoch. Nothing of
 * it is verified: it tells when to ask the API server again, never whom to believe.
 *
 * @returns null where it does not tell
 */
export function tokenExpiry(token: string): number | null {
  if (token.length > longestTokenChars) return null;
  const claims = claimsSchema.safeParse(asJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")));
  return claims.success ? claims.data.exp * 1000 : null;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
