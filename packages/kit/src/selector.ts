/** One requirement of a selector. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** A label selector as the API has it. */
interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** What a label selector wants; null: there is none, and nothing is selected (an empty one selects everything). */
export function requirementsOf(selector: LabelSelector | undefined): readonly Requirement[] | null {
  if (!selector) return null;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In", values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
  ];
}

/** @param requirements of a label selector; null: it selects nothing */
export function selects(
  requirements: readonly Requirement[] | null,
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements?.every((one) => meets(one, labels)) ?? false;
}

/** Whether labels are as one requirement of a selector wants them. */
export function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compared(value, values[0]) > 0;
    case "Lt":
      return compared(value, values[0]) < 0;
    default:
      return false;
  }
}

/** NaN, and so neither, where one of them is no whole number. */
function compared(value: string | undefined, other: string | undefined): number {
  const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);
  return isInteger(value) && isInteger(other) ? Number(value) - Number(other) : NaN;
}
