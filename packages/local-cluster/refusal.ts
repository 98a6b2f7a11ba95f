/** What was asked cannot be done, or failed. The message says what, why and how to mend it; a stack adds nothing. */
export class ClusterRefusal extends Error {
  override readonly name = 'ClusterRefusal';
}
