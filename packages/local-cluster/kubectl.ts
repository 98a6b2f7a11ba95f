/** kubectl bound to one kubeconfig, so that no other that lies about is ever read. */
import { delimiter, dirname, isAbsolute } from 'node:path';
import { run, type Completed, type RunOptions } from './run';

export interface Kubectl {
  readonly path: string;
  readonly kubeconfig: string;
}

/** This process's environment for programs that call kubectl: they find this one, and this cluster. */
export function kubectlEnvironment({ path, kubeconfig }: Kubectl): NodeJS.ProcessEnv {
  const inherited = process.env.PATH ?? '';
  return {
    ...process.env,
    KUBECONFIG: kubeconfig,
    PATH: isAbsolute(path) ? `${dirname(path)}${delimiter}${inherited}` : inherited,
  };
}

/** Runs kubectl. @throws {CommandFailure} unless it ends with 0 or `allowFailure` is set. */
export function kubectl(
  tool: Kubectl,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Completed> {
  return run([tool.path, ...args], {
    ...options,
    env: { ...options.env, ...kubectlEnvironment(tool) },
  });
}
