import { type UserClient, withUserClient } from '../../../services/user-client';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';

/** Calls the service in a Pod once it is ready. */
export function withUser<T>(
  { cluster, namespace, timeout }: TestContext,
  { metadata: { name }, status: { podIP: address } }: Pod,
  use: (client: UserClient) => Promise<T>,
): Promise<T> {
  return withUserClient(cluster, { namespace, name, address }, timeout, use);
}
