import { join } from 'node:path';
import { KUBERNETES, programsFolder } from '../go-programs';
import { kubectl, type Kubectl } from '../kubectl';
import type { Completed, RunOptions } from '../run';
import { ADMIN_KUBECONFIG } from './layout';

/** kubectl as it was built with the cluster, for its administrator. */
export function adminKubectl(): Kubectl {
  return { path: join(programsFolder(KUBERNETES), 'kubectl'), kubeconfig: ADMIN_KUBECONFIG };
}

export function runKubectl(args: readonly string[], options?: RunOptions): Promise<Completed> {
  return kubectl(adminKubectl(), args, options);
}
