import { networkInterfaces } from "node:os";

/** An address of this machine that is not loopback, as from another pod. */
export function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  const address = all.find((one) => one?.family === "IPv4" && !one.internal)?.address;
  if (address === undefined) throw new Error("this machine has no address but loopback");
  return address;
}
