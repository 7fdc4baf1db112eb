/** A MicroTime: the API server refuses other than six digits. */
export function microTime(wallMs: number): string {
  return new Date(wallMs).toISOString().replace("Z", "000Z");
}
