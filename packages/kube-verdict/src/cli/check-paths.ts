import { mistakeText } from '../rule';
import { UsageError } from './usage-error';

/**
 * An empty path is a variable of a shell that is not set.
 * @throws UsageError
 */
export function checkPaths(paths: readonly string[]): void {
  const empty = paths.find((path) => path === '');
  if (empty !== undefined) {
    throw new UsageError(mistakeText('PATH', 'the path of a file or folder, or -', empty));
  }
}
