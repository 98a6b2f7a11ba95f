import { join } from 'node:path';

/** The repository. */
export const ROOT = join(__dirname, '..', '..');

/** What `npm run synth` writes: what the checks give to the cluster. */
export const DIST = {
  pod: join(ROOT, 'dist', 'user-service.k8s.yaml'),
  deployment: join(ROOT, 'dist', 'user-service-deployment.k8s.yaml'),
} as const;
