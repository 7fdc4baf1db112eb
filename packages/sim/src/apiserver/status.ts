/** details.causes[] of a Status. */
export interface Cause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The kind an error is about, as Status.details names it. */
export interface StatusTarget {
  readonly group: string;
  readonly kind: string;
  readonly name?: string;
}

interface FailureDetails {
  readonly target?: StatusTarget;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
  readonly uid?: string;
}

/** A refusal of the API server: what it answers as a Status object with its HTTP code. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: FailureDetails;

  constructor(code: number, reason: string, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = "ApiFailure";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The v1 Status object. */
  toStatus(): Readonly<Record<string, unknown>> {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(Object.keys(this.details).length > 0 ? { details: detailsOf(this.details) } : {}),
      code: this.code,
    };
  }
}

function detailsOf({ target, causes, retryAfterSeconds }: FailureDetails): Readonly<Record<string, unknown>> {
  return {
    ...(target?.name ? { name: target.name } : {}),
    ...(target?.group ? { group: target.group } : {}),
    ...(target ? { kind: target.kind } : {}),
    ...(causes && causes.length > 0 ? { causes } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** "leases.coordination.k8s.io", or "pods" in the core group. */
function qualified(target: StatusTarget): string {
  return target.group ? `${target.kind}.${target.group}` : target.kind;
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, "BadRequest", message);
}

export function notFound(target: StatusTarget): ApiFailure {
  return new ApiFailure(404, "NotFound", `${qualified(target)} "${target.name}" not found`, { target });
}

export function noSuchPath(): ApiFailure {
  return new ApiFailure(404, "NotFound", "the server could not find the requested resource");
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

export function alreadyExists(target: StatusTarget): ApiFailure {
  return new ApiFailure(409, "AlreadyExists", `${qualified(target)} "${target.name}" already exists`, { target });
}

export function conflict(target: StatusTarget, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${qualified(target)} "${target.name}": ${why}`;
  return new ApiFailure(409, "Conflict", message, { target });
}

export function modified(target: StatusTarget): ApiFailure {
  return conflict(
    target,
    "the object has been modified; please apply your changes to the latest version and try again",
  );
}

export function forbidden(target: StatusTarget, why: string, causes: readonly Cause[] = []): ApiFailure {
  return new ApiFailure(403, "Forbidden", `${qualified(target)} "${target.name}" is forbidden: ${why}`, {
    target,
    causes,
  });
}

/** 422 with one cause for each wrong field. `target.kind` is the Kind, not the plural. */
export function invalid(target: StatusTarget, causes: readonly Cause[]): ApiFailure {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new ApiFailure(422, "Invalid", `${qualified(target)} "${target.name ?? ""}" is invalid: ${list}`, {
    target,
    causes,
  });
}

export function expired(message: string): ApiFailure {
  return new ApiFailure(410, "Expired", message);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiFailure {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return new ApiFailure(415, "UnsupportedMediaType", message);
}

/** A wrong value in one field. */
export function invalidValue(field: string, value: unknown, why: string): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${shown(value)}: ${why}`, field };
}

export function forbiddenField(field: string, why: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
}

export function requiredField(field: string, why = ""): Cause {
  return { reason: "FieldValueRequired", message: why ? `Required value: ${why}` : "Required value", field };
}

export function duplicateField(field: string, value: unknown): Cause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${shown(value)}`, field };
}

export function unsupportedValue(field: string, value: unknown, supported: readonly unknown[]): Cause {
  const list = supported.map(shown).join(", ");
  return {
    reason: "FieldValueNotSupported",
    message: `Unsupported value: ${shown(value)}: supported values: ${list}`,
    field,
  };
}

function shown(value: unknown): string {
  return value === undefined ? "null" : JSON.stringify(value);
}
