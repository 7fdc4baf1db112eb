import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getuid } from "node:process";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { KubeletDouble } from "../testing/kubelet.ts";

let kubelet: KubeletDouble;

beforeEach(async () => {
  kubelet = await new KubeletDouble().start();
});

afterEach(() => kubelet.destroy());

const nobody = 65_534;
const source = readFileSync(join(import.meta.dirname, "socket.ts"), "utf8");

/** What a user is told who is not root; root may open everything, so that it becomes another. */
function complaintOfNobody(path: string): string {
  const asks = `${source}\nawait checkSocket(${JSON.stringify(path)}).catch((error) => console.log(error.message));`;
  const other = getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  const asked = spawnSync(process.execPath, ["--input-type=module-typescript"], { ...other, input: asks });
  return `${asked.stdout.toString()}${asked.stderr.toString()}`;
}

describe("a socket that is not the agent's", () => {
  it("is named with who may open it, and what the agent's pod lacks", () => {
    chmodSync(kubelet.directory, 0o755);
    chmodSync(kubelet.socket, 0o060);
    expect(complaintOfNobody(kubelet.socket)).toMatch(
      /^permission denied for user \d+, group \d+ at .*, which is of user \d+, group \d+, mode 0060: add its group to/,
    );
  });

  it("is its user's alone where its group may not write, as a kubelet makes it", () => {
    chmodSync(kubelet.directory, 0o755);
    chmodSync(kubelet.socket, 0o755);
    expect(complaintOfNobody(kubelet.socket)).toMatch(
      /mode 0755: run the agent as its user, root, without a capability/,
    );
  });

  it("may be in a folder that is closed as well", () => {
    chmodSync(kubelet.directory, 0);
    expect(complaintOfNobody(kubelet.socket)).toContain(
      "which is in a folder that is closed as well: run the agent as",
    );
    chmodSync(kubelet.directory, 0o700);
  });

  it("is as good as open to whoever may read and write it", () => {
    chmodSync(kubelet.directory, 0o755);
    chmodSync(kubelet.socket, 0o666);
    expect(complaintOfNobody(kubelet.socket)).toBe("");
  });
});
