/**
 * Who sent a picture: its topic without the levels that the subscription names.
 * images/pi1 under images/# is pi1.
 */
export function piIdOf(topic: string, subscription: string): string {
  const levels = subscription.split("/");
  const wildcard = levels.findIndex((level) => level === "#" || level === "+");
  const own = topic.split("/").slice(Math.max(0, wildcard));
  return wildcard === -1 || own.length === 0 ? topic : own.join("/");
}
