import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { descriptors } from "@walras/proto/descriptors";
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from "@walras/proto/reflection";

type Answer = NonNullable<ServerReflectionResponse["messageResponse"]>;
type Asked = NonNullable<ServerReflectionRequest["messageRequest"]>;

const { serverReflectionInfo } = ServerReflectionService;

/** The same service under the name that tools asked for before version 1. */
export const reflectionAlphaService = {
  serverReflectionInfo: {
    ...serverReflectionInfo,
    path: "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
  },
} as const;

/** Tells tools what this server speaks, from descriptors that are part of the program. */
export const reflectionService: ServerReflectionServer = {
  serverReflectionInfo: (call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) => {
    call.on("error", () => undefined);
    call.on("data", (request: ServerReflectionRequest) => {
      const answer = answerTo(request.messageRequest);
      if (call.write({ validHost: request.host, originalRequest: request, messageResponse: answer })) return;
      // One who does not read is not answered further.
      call.pause();
      call.once("drain", () => call.resume());
    });
    call.on("end", () => call.end());
  },
};

function answerTo(asked: Asked | undefined): Answer {
  switch (asked?.$case) {
    case "listServices":
      return { $case: "listServicesResponse", value: { service: services.map((name) => ({ name })) } };
    case "fileByFilename":
      return fileAnswer(asked.value, (file) => file === asked.value);
    case "fileContainingSymbol":
      return fileAnswer(asked.value, (_, symbols) => symbols.includes(asked.value));
    case "allExtensionNumbersOfType":
      return { $case: "allExtensionNumbersResponse", value: { baseTypeName: asked.value, extensionNumber: [] } };
    case "fileContainingExtension":
      return notFound(`no extension of ${asked.value.containingType}`);
    case undefined:
    default:
      return {
        $case: "errorResponse",
        value: { errorCode: status.INVALID_ARGUMENT, errorMessage: "nothing is asked" },
      };
  }
}

const services = Object.values(descriptors).flatMap((file) => file.services);

function fileAnswer(what: string, isIt: (file: string, symbols: readonly string[]) => boolean): Answer {
  const found = Object.entries(descriptors).find(([file, { symbols }]) => isIt(file, symbols));
  if (!found) return notFound(`nothing is called ${what}`);
  const fileDescriptorProto = [Buffer.from(found[1].base64, "base64")];
  return { $case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(errorMessage: string): Answer {
  return { $case: "errorResponse", value: { errorCode: status.NOT_FOUND, errorMessage } };
}
