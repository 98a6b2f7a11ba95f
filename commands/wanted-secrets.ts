/** The Secrets that an environment refers to, and the cluster that they are in. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type SecretSource, SOURCE_ANNOTATION } from '../lib';
import { CommandError } from './command';

/** A Secret that the environment's manifests refer to. */
export interface WantedSecret {
  readonly name: string;
  readonly namespace: string;
  readonly keys: readonly string[];
  readonly source: SecretSource;
}

/**
 * The Secrets that `dist/ENVIRONMENT-external-secrets` names.
 *
 * @throws {CommandError} if there is no such environment
 */
export function readWanted(environment: string): WantedSecret[] {
  const folder = join('dist', `${environment}-external-secrets`);
  if (!/^[a-z][a-z0-9-]*$/.test(environment) || !existsSync(folder)) {
    const known = readdirSync('dist')
      .filter((name) => name.endsWith('-external-secrets'))
      .map((name) => name.replace('-external-secrets', ''));
    throw new CommandError(`${environment}: no such environment; there are ${known.join(', ')}`);
  }
  return readdirSync(folder).map((file) => {
    const { metadata, spec } = parse(readFileSync(join(folder, file), 'utf8')) as {
      metadata: { name: string; namespace: string; annotations: Record<string, string> };
      spec: { data: { secretKey: string }[] };
    };
    return {
      name: metadata.name,
      namespace: metadata.namespace,
      keys: spec.data.map(({ secretKey }) => secretKey),
      source: JSON.parse(metadata.annotations[SOURCE_ANNOTATION] ?? '') as SecretSource,
    };
  });
}

/** Runs kubectl with a standard input, and returns what it printed. */
export type Kubectl = (args: readonly string[], input?: string) => string;

/** @param context of the kubeconfig. @throws {CommandError} with the last line of kubectl's error */
export function kubectlOf(context: string | undefined): Kubectl {
  return (args, input) => {
    const all = [...(context === undefined ? [] : ['--context', context]), ...args];
    const { status, stdout, stderr, error } = spawnSync('kubectl', all, {
      input: input ?? '',
      encoding: 'utf8',
    });
    if (error !== undefined)
      throw new CommandError(`kubectl cannot be run: ${error.message}; install it`);
    // The input, which has the values, is not repeated; the last line says what the others lead to.
    if (status !== 0)
      throw new CommandError(
        `kubectl ${args.slice(0, 3).join(' ')}: ${stderr.trim().split('\n').at(-1) ?? ''}`,
      );
    return stdout;
  };
}

/** 192 bits, of characters that need no quotes anywhere. */
export function password(): string {
  return randomBytes(24).toString('base64url');
}
