/** An action of a plan, as people read it: `scaleOut factor=2`. */
export function toldAction({
  name,
  properties,
}: {
  readonly name: string;
  readonly properties: Readonly<Record<string, string | number>>;
}): string {
  return [name, ...Object.entries(properties).map(([key, value]) => `${key}=${value}`)].join(" ");
}
