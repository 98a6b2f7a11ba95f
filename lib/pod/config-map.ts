import { createHash } from 'node:crypto';
import { ConfigMap } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';

/**
 * A ConfigMap named by the hash of what it holds, and immutable: a change makes another one and so rolls out, and a
 * rollback finds the one that it names.
 *
 * @returns its name
 */
export function hashedConfigMap(
  scope: Construct,
  name: string,
  data: Readonly<Record<string, string>>,
): string {
  const hashed = `${name}-${contentHash(data)}`;
  new ConfigMap(scope, `config-map-${name}`, {
    metadata: { name: hashed, labels: { 'app.kubernetes.io/name': name } },
    data: { ...data },
    immutable: true,
  });
  return hashed;
}

/** Ten hexadecimal digits of the SHA-256 of a value as JSON. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10);
}
