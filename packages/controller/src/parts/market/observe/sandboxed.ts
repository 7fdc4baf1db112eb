/**
 * Handlers and runtime classes that run containers behind a kernel of their
 * own: gvisor, runsc, runsc-kvm, kata, kata-qemu and so on. Their groups on the
 * node count nothing (gvisor#13067) or the whole sandbox, so that what a
 * container uses cannot be told from outside.
 */
const sandbox = /\b(?:gvisor|runsc|kata)\b/i;

/**
 * Whether a pod of this runtime class runs in a sandbox.
 *
 * @param handler of the class, such as "runsc"; undefined: not known, so the class's name must tell
 */
export function isSandboxed(runtimeClass: string, handler: string | undefined): boolean {
  return sandbox.test(runtimeClass) || (handler !== undefined && sandbox.test(handler));
}
