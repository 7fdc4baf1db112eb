/** It is known that the pod was not bound. */
export class Refused extends Error {
  override readonly name = "Refused";
}
