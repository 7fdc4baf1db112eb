import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";

import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { silentLogger, VirtualClock } from "@walras/kit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type Identity, type TestAuthority, testAuthority, writeIdentity } from "./testing/authority.ts";
import { aRef, isActive, type ScalerRig, scalerRig } from "./testing/rig.ts";
import { FileCredentials, type TlsFiles } from "../../../base/config/tlsFiles.ts";

let authority: TestAuthority;
let folder: string;
let files: TlsFiles;
let clock: VirtualClock;
const rigs: ScalerRig[] = [];

beforeAll(async () => {
  authority = await testAuthority();
});

beforeEach(async () => {
  clock = new VirtualClock();
  folder = await mkdtemp(join(tmpdir(), "scaler-"));
  files = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
  await place(await authority.issue("first"));
});

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
  await rm(folder, { recursive: true });
});

const place = (identity: Identity): Promise<void> => writeIdentity(files, identity);

async function serve(tls: TlsFiles): Promise<ScalerRig> {
  const rig = await scalerRig({ tls, clock });
  rigs.push(rig);
  return rig;
}

/** The common name that a new connection is shown. */
function shown({ server }: ScalerRig): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port: server.port,
      host: "127.0.0.1",
      ca: authority.certificate,
      servername: "localhost",
    });
    socket.on("error", reject);
    socket.on("secureConnect", () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
  });
}

function askAs(rig: ScalerRig, identity?: Identity): Promise<{ readonly result: boolean }> {
  const key = identity ? Buffer.from(identity.key) : null;
  const certificate = identity ? Buffer.from(identity.certificate) : null;
  const client = rig.client(credentials.createSsl(Buffer.from(authority.certificate), key, certificate));
  return isActive(client, aRef());
}

describe("a scaler with a certificate", () => {
  it("R10: does not answer HTTP/1 on its port", async () => {
    const answered: unknown[] = [];
    const rig = await scalerRig({ tls: files, clock, http1: (socket) => answered.push(socket) });
    rigs.push(rig);
    await expect(fetch(`http://127.0.0.1:${rig.server.port}/metrics`)).rejects.toThrow();
    expect(answered).toEqual([]);
  });

  it("answers those who know its authority", async () => {
    expect(await askAs(await serve(files))).toEqual({ result: true });
  });

  it("answers only those whom it knows when it asks for certificates", async () => {
    const clientCaFile = join(folder, "ca.crt");
    await writeFile(clientCaFile, authority.certificate);
    const rig = await serve({ ...files, clientCaFile });
    expect(await askAs(rig, await authority.issue("keda-operator"))).toEqual({ result: true });
    const stranger = await (await testAuthority()).issue("stranger");
    await expect(askAs(rig, stranger)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    } satisfies Partial<ServiceError>);
    await expect(askAs(rig)).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(rig.answers.polls).toBe(1);
  });

  it("shows a renewed one without a restart", async () => {
    const rig = await serve(files);
    const open = rig.client(credentials.createSsl(Buffer.from(authority.certificate)));
    await isActive(open, aRef());
    expect(await shown(rig)).toBe("first");
    await place(await authority.issue("second"));
    await clock.advance(10_000);
    await expect.poll(() => shown(rig)).toBe("second");
    expect(await isActive(open, aRef())).toEqual({ result: true });
  });

  it("keeps the last good one while the files are of no use, and takes the next good one", async () => {
    const rig = await serve(files);
    const half = await authority.issue("half");
    await writeFile(files.certFile, half.certificate);
    await clock.advance(10_000);
    await settled();
    expect(await shown(rig)).toBe("first");
    await rm(files.keyFile);
    await clock.advance(10_000);
    await settled();
    expect(await shown(rig)).toBe("first");
    await place(half);
    await clock.advance(10_000);
    await expect.poll(() => shown(rig)).toBe("half");
  });

  it("does not start with files that are of no use", async () => {
    const missing = { ...files, keyFile: join(folder, "none.key") };
    await expect(serve(missing)).rejects.toThrow(/^tls\.keyFile: ".*none\.key" cannot be read \(ENOENT/);
    await writeFile(files.certFile, "no certificate");
    expect(() => new FileCredentials(files, clock, silentLogger)).toThrow(/^tls\.certFile: ".*tls\.crt" and its key/);
  });
});

/** Files are read outside of virtual time. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}
