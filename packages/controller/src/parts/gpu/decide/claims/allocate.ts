import { tolerates } from "../schedule/constraints.ts";
import { EvaluationFailed, type Scalar, Version } from "./cel/values.ts";
import { selectorOf } from "./cel/selector.ts";
import {
  type Alternatives,
  type Claim,
  type DeviceConstraint,
  type DeviceRequest,
  type Grant,
  type Granted,
  type PublishedDevice,
} from "./claim.ts";

/** What there is on one node. */
export interface Offer {
  /** All devices of it, in the order in which they are tried. */
  readonly devices: readonly PublishedDevice[];
  readonly isFree: (device: PublishedDevice) => boolean;
  /** In CEL, of a class. */
  readonly selectorsOf: (className: string) => readonly string[];
}

/** After that many devices have been tried the node is given up: who constrains much has to wait. */
const mostSteps = 10_000;

interface Slot {
  readonly claim: Claim;
  readonly alternatives: Alternatives;
}

/**
 * Devices of one node for all of these claims. The first of the devices that will do, and the first alternative that can be had with
 * what comes after it.
 *
 * @returns what the node lacks, where there are none
 */
export function allocate(claims: readonly Claim[], offer: Offer): readonly Grant[] | string {
  const slots = claims.flatMap((claim) => claim.requests.map((alternatives): Slot => ({ claim, alternatives })));
  const search = new Search(slots, offer);
  try {
    const lack = search.run();
    return lack ?? claims.map((claim): Grant => ({ claim, granted: search.grantedTo(claim) }));
  } catch (error) {
    if (error instanceof EvaluationFailed) return `node(s) had a device for which a selector fails: ${error.message}`;
    throw error;
  }
}

class Search {
  readonly #slots: readonly Slot[];
  readonly #offer: Offer;
  readonly #picks: { readonly claim: Claim; readonly granted: Granted }[] = [];
  readonly #taken = new Set<PublishedDevice>();
  #steps = 0;
  #lack = "";

  constructor(slots: readonly Slot[], offer: Offer) {
    this.#slots = slots;
    this.#offer = offer;
  }

  /** @returns what is lacking; null: nothing */
  run(): string | null {
    if (this.#fill(0)) return null;
    return this.#steps > mostSteps ? "node(s) had too many ways to allocate the claims" : this.#lack;
  }

  grantedTo({ uid }: Claim): Granted[] {
    return this.#picks.filter(({ claim }) => claim.uid === uid).map(({ granted }) => granted);
  }

  #fill(index: number): boolean {
    const slot = this.#slots[index];
    if (!slot) return true;
    return slot.alternatives.some((request) => {
      const wanted = this.#wanted(request);
      return wanted !== null && this.#pick({ claim: slot.claim, request, next: () => this.#fill(index + 1) }, wanted);
    });
  }

  /** Which devices will do, and how many of them; null: there are too few. */
  #wanted(request: DeviceRequest): Wanted | null {
    const selected = this.#offer.devices.filter((device) => this.#selects(request, device));
    const free = selected.filter((device) => this.#offer.isFree(device) && !this.#taken.has(device));
    const count = request.count ?? Math.max(1, selected.length);
    if (free.length >= count) return { devices: free, count };
    this.#lack ||= `node(s) had not enough free devices for request ${request.name}`;
    return null;
  }

  #selects(request: DeviceRequest, device: PublishedDevice): boolean {
    if (device.unsupported !== null) return false;
    const hard = device.taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
    if (!hard.every((taint) => request.tolerations.some((one) => tolerates(one, taint)))) return false;
    const expressions = [...this.#offer.selectorsOf(request.className), ...request.selectors];
    return expressions.every((expression) => selectorOf(expression).selects(device));
  }

  #pick(of: Picking, { devices, count }: Wanted): boolean {
    if (count === 0) return of.next();
    for (const [at, device] of devices.entries()) {
      if (devices.length - at < count || this.#steps > mostSteps) return false;
      this.#steps += 1;
      if (!this.#agrees(of, device)) continue;
      this.#picks.push({ claim: of.claim, granted: { request: of.request, device } });
      this.#taken.add(device);
      if (this.#pick(of, { devices: devices.slice(at + 1), count: count - 1 })) return true;
      this.#picks.pop();
      this.#taken.delete(device);
    }
    return false;
  }

  #agrees({ claim, request }: Picking, device: PublishedDevice): boolean {
    return claim.constraints.every((constraint) => {
      if (!concerns(constraint, request)) return true;
      const own = attributeOf(device, constraint.attribute);
      const bound = this.#picks.filter((one) => one.claim === claim && concerns(constraint, one.granted.request));
      const agrees = own !== null && bound.every((one) => isSame(one.granted, constraint, own) !== constraint.distinct);
      if (!agrees) this.#lack ||= `node(s) had no devices that agree in ${constraint.attribute}`;
      return agrees;
    });
  }
}

interface Wanted {
  readonly devices: readonly PublishedDevice[];
  readonly count: number;
}

interface Picking {
  readonly claim: Claim;
  readonly request: DeviceRequest;
  readonly next: () => boolean;
}

/** An alternative is meant by its own name, and by that of the request which it is for. */
function concerns({ requests }: DeviceConstraint, { name }: DeviceRequest): boolean {
  return requests.length === 0 || requests.includes(name) || requests.includes(name.split("/", 1)[0] ?? "");
}

function isSame({ device }: Granted, { attribute }: DeviceConstraint, value: string): boolean {
  return attributeOf(device, attribute) === value;
}

/** As text that tells values of different kinds apart; null: the device has none. */
function attributeOf({ attributes }: PublishedDevice, attribute: string): string | null {
  const [domain = "", name = ""] = attribute.split("/", 2);
  const value: Scalar | undefined = attributes.get(domain)?.get(name);
  if (value === undefined) return null;
  if (value instanceof Version) return `version ${value.text}`;
  return JSON.stringify(value);
}
