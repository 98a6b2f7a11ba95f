/** What was asked cannot be done, or failed. The message says what, why and how to fix it; a stack adds nothing. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
