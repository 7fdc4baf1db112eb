/** Who may do what with a path that is no resource: what SubjectAccessReviews are answered. */
export class AccessRules {
  readonly #allowed = new Set<string>();

  /** Nobody may anything that was not allowed. */
  allow(user: string, verb: string, path: string): void {
    this.#allowed.add(JSON.stringify([user, verb, path]));
  }

  /** status of a SubjectAccessReview. */
  review(user: string, verb: string, path: string): Readonly<Record<string, unknown>> {
    return { allowed: this.#allowed.has(JSON.stringify([user, verb, path])) };
  }
}
