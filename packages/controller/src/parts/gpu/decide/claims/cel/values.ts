import { describeError, parseQuantity } from "@walras/kit";

/** What cannot be evaluated of this device: the API server's word for it is a runtime error. */
export class EvaluationFailed extends Error {
  override readonly name = "EvaluationFailed";
}

/** An amount, as a device's capacity has it. Beyond 2⁵³ it is known to 16 digits. */
export class Quantity {
  readonly amount: number;

  constructor(amount: number) {
    this.amount = amount;
  }

  static read(text: string): Quantity {
    try {
      return new Quantity(parseQuantity(text, "quantity"));
    } catch (error) {
      throw new EvaluationFailed(describeError(error), { cause: error });
    }
  }
}

const semanticVersion =
  /^(?<major>0|[1-9]\d{0,8})\.(?<minor>0|[1-9]\d{0,8})\.(?<patch>0|[1-9]\d{0,8})(?:-(?<before>[0-9A-Za-z.-]{1,64}))?(?:\+[0-9A-Za-z.-]{1,64})?$/;

/** A semantic version 2.0.0. */
export class Version {
  readonly text: string;
  readonly numbers: readonly [number, number, number];
  readonly #before: readonly string[];

  private constructor(text: string, numbers: readonly [number, number, number], before: readonly string[]) {
    this.text = text;
    this.numbers = numbers;
    this.#before = before;
  }

  static read(text: string): Version {
    const groups = semanticVersion.exec(text)?.groups;
    if (!groups) throw new EvaluationFailed(`${JSON.stringify(text.slice(0, 64))} is no semantic version`);
    const { major, minor, patch, before } = groups;
    return new Version(text, [Number(major), Number(minor), Number(patch)], before?.split(".") ?? []);
  }

  /** What comes before a release is less than the release (semver.org, 11). */
  compare(other: Version): number {
    for (const index of [0, 1, 2] as const) {
      const difference = this.numbers[index] - other.numbers[index];
      if (difference !== 0) return difference;
    }
    const [own, its] = [this.#before, other.#before];
    if (own.length === 0 || its.length === 0) return its.length - own.length;
    return comparePrereleases(own, its);
  }
}

function comparePrereleases(own: readonly string[], its: readonly string[]): number {
  for (const [index, part] of own.entries()) {
    const other = its[index];
    if (other === undefined) return 1;
    if (part !== other) return comparePart(part, other);
  }
  return own.length - its.length;
}

function comparePart(part: string, other: string): number {
  const [isNumber, otherIs] = [/^\d+$/.test(part), /^\d+$/.test(other)];
  if (isNumber && otherIs) return Number(part) - Number(other);
  if (isNumber !== otherIs) return isNumber ? -1 : 1;
  return part < other ? -1 : 1;
}

/** Of an attribute or of what is worked out from it. */
export type Scalar = string | number | boolean | Quantity | Version;
/** Values by name, of one domain or of all of them. */
export type Values = ReadonlyMap<string, Scalar>;
export type Domains = ReadonlyMap<string, Values>;

/** What a selector sees of a device. */
export interface SelectedDevice {
  readonly driver: string;
  readonly attributes: Domains;
  readonly capacity: Domains;
}
