import type { AccessRules } from "../accessRules.ts";
import { type ServerContext, timestamp } from "../context.ts";
import type { DeleteOptions, Remover } from "../deletes.ts";
import { type ApiAnswer, type ApiRequest, jsonAnswer } from "../exchange.ts";
import { deleteOptions, type ObjectHandlers } from "../handlers.ts";
import { asMap, asText, type KubeObject } from "../objects/model.ts";
import { patched } from "../patching.ts";
import { apiVersionOf, type ResourceType, type ScalePaths } from "../resources.ts";
import { badRequest, methodNotAllowed, noSuchPath } from "../status.ts";
import type { TokenRegistry } from "../tokens.ts";
import type { Locator, Writer } from "../writes.ts";
import { boundPod } from "./binding.ts";
import { spendBudget } from "./budget.ts";
import { scaleOf, withScale } from "./scale.ts";
import { requestToken } from "./token.ts";

/** What the subresource handlers work with. */
export interface SubresourceParts {
  readonly context: ServerContext;
  readonly writer: Writer;
  readonly remover: Remover;
  readonly tokens: TokenRegistry;
  readonly access: AccessRules;
  readonly objects: ObjectHandlers;
}

/** status, resize, scale, binding, eviction, token; and reviews, which are answered at once. */
export class SubresourceHandlers {
  readonly #parts: SubresourceParts;

  constructor(parts: SubresourceParts) {
    this.#parts = parts;
  }

  /** @throws ApiFailure 404 where the kind has no such subresource, 405 for verbs it lacks */
  handle(at: Locator, subresource: string, request: ApiRequest): ApiAnswer {
    if (!at.type.subresources.includes(subresource)) throw noSuchPath();
    switch (subresource) {
      case "scale":
        return this.#scale(at, request);
      case "binding":
        return this.#bind(at, onlyPost(request));
      case "eviction":
        return this.#evict(at, onlyPost(request));
      case "token":
        return this.#token(at, onlyPost(request));
      default:
        return this.#part(at, subresource, request);
    }
  }

  /** A TokenReview or a SubjectAccessReview with its status. */
  review(type: ResourceType, request: ApiRequest): ApiAnswer {
    const { kind } = type;
    const spec = asMap(asMap(onlyPost(request).body)["spec"]);
    const status = this.#reviewed(kind, spec);
    return jsonAnswer(201, { kind, apiVersion: apiVersionOf(type), metadata: {}, spec, status });
  }

  #reviewed(kind: string, spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (kind === "TokenReview") return this.#tokenStatus(spec);
    // Whoever asks for himself is not refused anything here: there are no roles.
    return kind === "SelfSubjectAccessReview" ? { allowed: true } : this.#accessStatus(spec);
  }

  #tokenStatus(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const audiences = Array.isArray(spec["audiences"]) ? spec["audiences"].map(asText) : [];
    return this.#parts.tokens.review(asText(spec["token"]), audiences);
  }

  #accessStatus(spec: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { verb, path } = asMap(spec["nonResourceAttributes"]);
    return this.#parts.access.review(asText(spec["user"]), asText(verb), asText(path));
  }

  #part(at: Locator, subresource: string, request: ApiRequest): ApiAnswer {
    if (request.method === "GET") return this.#parts.objects.get(at);
    if (request.method === "PUT") return this.#parts.objects.replace(at, request, subresource);
    if (request.method === "PATCH") return this.#parts.objects.patch(at, request, subresource);
    throw methodNotAllowed();
  }

  #scale(at: Locator, request: ApiRequest): ApiAnswer {
    const { scale } = at.type;
    if (!scale) throw noSuchPath();
    if (request.method === "GET") return jsonAnswer(200, scaleOf(this.#parts.writer.read(at), scale));
    const options = this.#parts.objects.writeOptions(at.type, request, "scale");
    const changed = this.#parts.writer.update(
      at,
      (old) => withScale(old, wantedScale(at.type, old, request), scale),
      options,
    );
    return jsonAnswer(200, scaleOf(changed, scale));
  }

  #bind(at: Locator, request: ApiRequest): ApiAnswer {
    const options = this.#parts.objects.writeOptions(at.type, request, "binding");
    this.#parts.writer.update(at, (pod) => boundPod(pod, request.body, timestamp(this.#parts.context)), options);
    return success();
  }

  #evict(at: Locator, request: ApiRequest): ApiAnswer {
    const pod = this.#parts.writer.read(at);
    const eviction = asMap(request.body);
    const name = asText(asMap(eviction["metadata"])["name"]);
    if (name && name !== at.name) throw badRequest("name in URL does not match name in Eviction object");
    const options: DeleteOptions = deleteOptions({ ...request, body: eviction["deleteOptions"] });
    spendBudget(this.#parts.context.store, pod, options.dryRun?.includes("All") === true);
    this.#parts.remover.delete(at, options);
    return success();
  }

  #token(at: Locator, request: ApiRequest): ApiAnswer {
    const account = this.#parts.writer.read(at);
    return jsonAnswer(201, requestToken(account, request.body, this.#parts));
  }
}

function onlyPost(request: ApiRequest): ApiRequest {
  if (request.method !== "POST") throw methodNotAllowed();
  return request;
}

function success(): ApiAnswer {
  return jsonAnswer(201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
}

function wantedScale(type: ResourceType, old: KubeObject, request: ApiRequest): unknown {
  if (request.method === "PUT") return request.body;
  if (request.method !== "PATCH") throw methodNotAllowed();
  const current = scaleOf(old, type.scale as ScalePaths);
  return patched(type, current, { contentType: request.contentType ?? "", patch: request.body });
}
