import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";

interface Named {
  readonly name: string;
}

interface Service extends Named {
  readonly method?: readonly Named[];
}

interface FileDescriptor extends Named {
  readonly package: string;
  readonly messageType?: readonly Named[];
  readonly service?: readonly Service[];
}

const header = "// Made from proto by `pnpm gen`. Do not edit.\n";

/** Writes what server reflection tells of `files`, as data: an image holds no .proto files. */
export async function writeDescriptors(root: string, files: readonly string[], target: string): Promise<void> {
  const entries = await Promise.all(files.map((file) => entryOf(root, file)));
  const source = `${header}
/** Each file's serialized FileDescriptorProto in base64, and the full names of what it declares. */
export const descriptors: Readonly<
  Record<string, { readonly services: readonly string[]; readonly symbols: readonly string[]; readonly base64: string }>
> = ${JSON.stringify(Object.fromEntries(entries), null, 2)};
`;
  await writeFile(join(root, target), source);
}

async function entryOf(root: string, file: string): Promise<[string, object]> {
  const build = ["build", "--as-file-descriptor-set", "--exclude-imports", "--exclude-source-info"];
  const args = [...build, "--path", join("proto", file), "--output"];
  const run = { cwd: root, preferLocal: true } as const;
  const { stdout: binary } = await execa("buf", [...args, "-#format=binpb"], { ...run, encoding: "buffer" });
  const { stdout: json } = await execa("buf", [...args, "-#format=json"], run);
  const [descriptor] = (JSON.parse(json) as { file: FileDescriptor[] }).file;
  if (descriptor?.name !== file) throw new Error(`buf describes ${descriptor?.name}, not ${file}`);
  const services = (descriptor.service ?? []).map(({ name }) => `${descriptor.package}.${name}`);
  return [file, { services, symbols: symbolsOf(descriptor), base64: onlyElement(binary).toString("base64") }];
}

function symbolsOf({ package: prefix, messageType = [], service = [] }: FileDescriptor): string[] {
  const methods = service.flatMap(({ name, method = [] }) => method.map((one) => `${name}.${one.name}`));
  return [...service.map(({ name }) => name), ...methods, ...messageType.map(({ name }) => name)].map(
    (name) => `${prefix}.${name}`,
  );
}

/** A FileDescriptorSet of one file is that file's bytes after a tag and their length as a varint. */
function onlyElement(set: Uint8Array): Buffer {
  const bytes = Buffer.from(set);
  let start = 1;
  while ((bytes[start] ?? 0) >= 0x80) start += 1;
  return bytes.subarray(start + 1);
}
