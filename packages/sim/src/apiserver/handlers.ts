import { type ServerContext, timestamp } from "./context.ts";
import type { DeleteOptions, Remover } from "./deletes.ts";
import { type ApiAnswer, type ApiRequest, isOn, jsonAnswer, type WatchAnswer } from "./exchange.ts";
import { deepFreeze, jsonOf } from "./objects/equality.ts";
import { decodeObject } from "./objects/decode.ts";
import { asMap, isMap, type JsonMap, type KubeObject } from "./objects/model.ts";
import type { Manager } from "./patch/managers.ts";
import { appliedObject, type ApplyOptions, applyType, patched, withApplied } from "./patching.ts";
import type { Reader } from "./reads.ts";
import { apiVersionOf, pluralTarget, type ResourceType } from "./resources.ts";
import { badRequest, methodNotAllowed, notFound } from "./status.ts";
import { tableOf, wantsTable } from "./tables.ts";
import { viewed } from "./watch.ts";
import type { Locator, WriteOptions, Writer } from "./writes.ts";

/** What the handlers work with. */
export interface HandlerParts {
  readonly context: ServerContext;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly remover: Remover;
}

/** The verbs on collections and on objects themselves. */
export class ObjectHandlers {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  collection(type: ResourceType, namespace: string | undefined, request: ApiRequest): ApiAnswer | WatchAnswer {
    switch (request.method) {
      case "GET":
        return isOn(request.query["watch"])
          ? this.#parts.reader.watch(type, namespace, request)
          : this.#parts.reader.list(type, namespace, request);
      case "POST":
        return this.#create(type, namespace ?? "", request);
      case "DELETE":
        return this.#deleteCollection(type, namespace, request);
      default:
        throw methodNotAllowed();
    }
  }

  object(at: Locator, request: ApiRequest): ApiAnswer {
    switch (request.method) {
      case "GET":
        return this.#show(at, request);
      case "PUT":
        return this.replace(at, request, "");
      case "PATCH":
        return this.patch(at, request, "");
      case "DELETE":
        return this.#delete(at, request);
      default:
        throw methodNotAllowed();
    }
  }

  get(at: Locator): ApiAnswer {
    return objectAnswer(200, this.#read(at));
  }

  #show(at: Locator, request: ApiRequest): ApiAnswer {
    const object = this.#read(at);
    const { clock } = this.#parts.context;
    if (!wantsTable(request)) return objectAnswer(200, object);
    const { resourceVersion } = object.metadata;
    return jsonAnswer(200, tableOf(at.type, [object], { metadata: { resourceVersion }, clock }));
  }

  #read(at: Locator): KubeObject {
    const object = this.#parts.reader.get(at.type, at.namespace, at.name);
    if (!object) throw notFound(pluralTarget(at.type, at.name));
    return viewed(at.type, object);
  }

  replace(at: Locator, request: ApiRequest, subresource: string): ApiAnswer {
    const body = decodeObject(at.type, request.body);
    if (body.metadata.name && body.metadata.name !== at.name) {
      throw badRequest(
        `the name of the object (${body.metadata.name}) does not match the name on the URL (${at.name})`,
      );
    }
    const options = { ...this.writeOptions(at.type, request, subresource), replace: true };
    return this.#updated(at, () => deepFreeze(stored(at.type, body)), options);
  }

  patch(at: Locator, request: ApiRequest, subresource: string): ApiAnswer {
    const contentType = (request.contentType ?? "").split(";")[0]?.trim() ?? "";
    if (contentType === applyType) return this.#apply(at, request, subresource);
    const change = (old: KubeObject): KubeObject => {
      const result = patched(at.type, viewed(at.type, old), { contentType, patch: request.body });
      return stored(at.type, decodeObject(at.type, result));
    };
    return this.#updated(at, change, this.writeOptions(at.type, request, subresource));
  }

  /** How `request` wants to write, and as whom. */
  writeOptions(
    type: ResourceType,
    request: ApiRequest,
    subresource: string,
    operation: Manager["operation"] = "Update",
  ): WriteOptions {
    const { fieldManager, dryRun } = request.query;
    const agent = operation === "Update" ? (request.userAgent?.split("/")[0] ?? "unknown") : "";
    const manager: Manager = {
      manager: fieldManager ?? agent,
      operation,
      apiVersion: apiVersionOf(type),
      ...(subresource ? { subresource } : {}),
      time: timestamp(this.#parts.context),
    };
    return { manager, subresource, ...(dryRun ? { dryRun: true } : {}) };
  }

  #apply(at: Locator, request: ApiRequest, subresource: string): ApiAnswer {
    const options = this.writeOptions(at.type, request, subresource, "Apply");
    const { type, name, namespace } = at;
    const apply: ApplyOptions = { manager: options.manager, force: isOn(request.query["force"]), name, namespace };
    const applied = stored(type, appliedObject(type, request.body, apply));
    if (!this.#parts.context.store.get(type.collection, namespace, name) && subresource === "") {
      const created = this.#parts.writer.create(type, namespace, withApplied(type, undefined, applied, apply), options);
      return objectAnswer(201, viewed(type, created));
    }
    return this.#updated(at, (old) => deepFreeze(withApplied(type, old, applied, apply)), options);
  }

  #updated(at: Locator, change: (old: KubeObject) => KubeObject, options: WriteOptions): ApiAnswer {
    return objectAnswer(200, viewed(at.type, this.#parts.writer.update(at, change, options)));
  }

  #create(type: ResourceType, namespace: string, request: ApiRequest): ApiAnswer {
    const body = stored(type, decodeObject(type, request.body));
    const { managedFields: _given, ...metadata } = body.metadata;
    const object = this.#parts.writer.create(
      type,
      namespace,
      { ...body, metadata },
      this.writeOptions(type, request, ""),
    );
    return objectAnswer(201, viewed(type, object));
  }

  #delete(at: Locator, request: ApiRequest): ApiAnswer {
    const { object, gone } = this.#parts.remover.delete(at, deleteOptions(request));
    const returnsObject = !gone || (at.type.plural === "pods" && at.type.group === "");
    if (returnsObject) return objectAnswer(200, viewed(at.type, object));
    const details = {
      name: at.name,
      ...(at.type.group ? { group: at.type.group } : {}),
      kind: at.type.plural,
      uid: object.metadata.uid,
    };
    return jsonAnswer(200, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
  }

  #deleteCollection(type: ResourceType, namespace: string | undefined, request: ApiRequest): ApiAnswer {
    const { continue: _token, limit: _limit, ...query } = request.query;
    const list = this.#parts.reader.list(type, namespace, { ...request, query });
    const items = (list.value() as { items: readonly KubeObject[] }).items;
    for (const { metadata } of items) {
      this.#parts.remover.delete(
        { type, namespace: metadata.namespace ?? "", name: metadata.name },
        deleteOptions(request),
      );
    }
    return list;
  }
}

function stored(type: ResourceType, object: KubeObject): KubeObject {
  return type.store ? type.store(object) : object;
}

/** An object as an answer; its text is shared with lists and watches. */
function objectAnswer(status: number, object: KubeObject): ApiAnswer {
  return {
    status,
    value: () => object,
    text: () => (Object.isFrozen(object) ? jsonOf(object) : JSON.stringify(object)),
  };
}

/** DeleteOptions of the body, or of the query where the body has none. */
export function deleteOptions({ body, query }: ApiRequest): DeleteOptions {
  const given = isMap(body) ? body : {};
  const grace =
    query["gracePeriodSeconds"] === undefined ? {} : { gracePeriodSeconds: Number(query["gracePeriodSeconds"]) };
  const policy = query["propagationPolicy"] ? { propagationPolicy: query["propagationPolicy"] } : {};
  const dryRun = query["dryRun"] ? { dryRun: [query["dryRun"]] } : {};
  return withoutEmpty({
    ...grace,
    ...policy,
    ...dryRun,
    ...given,
    preconditions: asMap(given["preconditions"]),
  });
}

function withoutEmpty(map: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined && value !== null));
}
