const longestTopicBytes = 65_535;

/**
 * What is wrong with an MQTT topic filter (MQTT 5.0, section 4.7).
 *
 * @returns null: nothing
 */
export function topicComplaint(topic: string, { wildcards }: { readonly wildcards: boolean }): string | null {
  if (topic.includes("\0") || Buffer.byteLength(topic) > longestTopicBytes) return "is no topic";
  const levels = topic.split("/");
  const wild = levels.filter((level) => level.includes("+") || level.includes("#"));
  if (wild.length > 0 && !wildcards) return "has wildcards, where one topic's number is wanted";
  if (wild.some((level) => level.length > 1)) return "has a wildcard that is not a whole level";
  if (levels.slice(0, -1).includes("#")) return "has # before its last level";
  return null;
}
