/** Whether a connection comes from this machine, or from this pod: `kubectl port-forward` does. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
