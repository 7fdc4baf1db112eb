import { KubeError, type KubeRequest, type KubeTransport } from "@walras/kube";

const isWrite = ({ method, path }: KubeRequest): boolean => method !== "GET" && !path.includes("/leases");

/** What happens at the nth write: nothing of this process reaches the server after it, or its answer is lost. */
export function failing(
  own: KubeTransport,
  at: number,
  how: "killed" | "unanswered",
  seen: { writes: number },
): KubeTransport {
  const never = new Promise<never>(() => undefined);
  const dead = (): boolean => how === "killed" && seen.writes >= at;
  return {
    stream: (request) => (dead() ? never : own.stream(request)),
    send: async (request) => {
      if (dead()) return never;
      if (isWrite(request)) seen.writes += 1;
      const hit = isWrite(request) && seen.writes === at;
      const answer = await own.send(request);
      if (hit && how === "unanswered") throw new KubeError("no answer", { status: 0, reason: "" });
      return hit || dead() ? never : answer;
    },
  };
}
