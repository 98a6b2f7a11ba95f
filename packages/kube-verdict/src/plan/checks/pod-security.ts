import type { Finding } from '../plan-types';
import { type Context, finding, isDeleted } from './context';

/** Workloads whose Pods the level of their namespace refuses. */
export function podSecurity(context: Context): Finding[] {
  return context.pairs.flatMap(({ id, podErrors, accepted }) => {
    const [error] = podErrors;
    if (error === undefined || accepted === false || isDeleted(context, id)) return [];
    const more = podErrors.length === 1 ? '' : ` and ${podErrors.length - 1} more`;
    const message = `new Pods of it are refused by Pod Security, and none starts: ${error.message}${more}`;
    return [finding('pods-refused', 'caution', id, message)];
  });
}
