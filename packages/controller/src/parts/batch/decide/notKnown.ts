/** There is no honest answer now: unknown is not zero. The message says why, for whoever asked. */
export class NotKnown extends Error {
  override readonly name = "NotKnown";
}
