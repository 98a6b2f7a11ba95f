/**
 * `npm run secrets -- ENVIRONMENT`: makes in a cluster, once, the Secrets that an environment refers to.
 *
 * Which there are is read from dist/ENVIRONMENT-external-secrets. Values go to the cluster by standard input, and are
 * neither printed nor written.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type SecretSource, SOURCE_ANNOTATION } from '../lib';
import { certificate } from './certificate';
import { CommandError, parseArguments, runCommand, UsageError } from './command';

const USAGE = 'npm run secrets -- ENVIRONMENT [--check] [--context NAME] [--from SECRET/KEY=FILE…]';

/** A Secret that the environment's manifests refer to. */
interface WantedSecret {
  readonly name: string;
  readonly namespace: string;
  readonly keys: readonly string[];
  readonly source: SecretSource;
}

runCommand((argv) => {
  const { values, positionals } = parseArguments(argv, {
    usage: USAGE,
    options: {
      check: { type: 'boolean' },
      context: { type: 'string' },
      from: { type: 'string', multiple: true },
    },
    allowPositionals: true,
  });
  const [environment, ...rest] = positionals;
  if (environment === undefined || rest.length > 0)
    throw new UsageError(`one ENVIRONMENT is needed\nusage: ${USAGE}`);
  const wanted = readWanted(environment);
  const kubectl = kubectlOf(values.context);
  const given = parseGiven(values.from ?? [], wanted);
  const missing = wanted.flatMap((secret) => {
    const have = keysInCluster(kubectl, secret);
    const keys = secret.keys.filter((key) => !have.includes(key));
    return keys.length > 0 ? [{ secret, keys, exists: have.length > 0 }] : [];
  });
  if (values.check === true) {
    for (const { secret, keys } of missing)
      console.log(`missing: ${secret.namespace}/${secret.name}: ${keys.join(', ')}`);
    if (missing.length > 0)
      throw new CommandError(`Make them with: npm run secrets -- ${environment}`);
    console.log(`${wanted.length} Secrets are there, with all their keys`);
    return;
  }
  const ungiven = missing.flatMap(({ secret, keys }) =>
    secret.source.kind === 'given'
      ? keys
          .filter((key) => !given.has(`${secret.name}/${key}`))
          .map((key) => `${secret.name}/${key}`)
      : [],
  );
  if (ungiven.length > 0)
    throw new CommandError(
      `Only you have these values; nothing was made. Give each as --from SECRET/KEY=FILE: ${ungiven.join(', ')}`,
    );
  // What has some of its keys is in use: values that fit together are not mixed with others.
  const partial = missing.filter(({ exists, secret }) => exists && secret.source.kind !== 'given');
  if (partial.length > 0)
    throw new CommandError(
      partial
        .map(
          ({ secret, keys }) =>
            `${secret.namespace}/${secret.name} lacks ${keys.join(', ')}; add them, or delete it if nothing uses it`,
        )
        .join('\n'),
    );
  if (missing.length > 0)
    kubectl(['apply', '--filename', `dist/${environment}/00-namespace.k8s.yaml`]);
  for (const { secret } of missing) {
    const data = secret.source.kind === 'given' ? readGiven(secret, given) : generate(secret);
    kubectl(['create', '--filename', '-'], manifest(secret, data));
    console.log(`created secret ${secret.namespace}/${secret.name}`);
  }
  if (missing.length === 0) console.log(`${wanted.length} Secrets were there already`);
});

function readWanted(environment: string): WantedSecret[] {
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

type Kubectl = (args: readonly string[], input?: string) => string;

function kubectlOf(context: string | undefined): Kubectl {
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

function keysInCluster(kubectl: Kubectl, { name, namespace }: WantedSecret): string[] {
  const answer = kubectl([
    ...['get', 'secret', name, '--namespace', namespace],
    ...[
      '--ignore-not-found',
      '--output',
      'go-template={{range $key, $value := .data}}{{$key}}\n{{end}}',
    ],
  ]);
  return answer.split('\n').filter(Boolean);
}

function parseGiven(
  assignments: readonly string[],
  wanted: readonly WantedSecret[],
): Map<string, string> {
  const known = wanted
    .filter(({ source }) => source.kind === 'given')
    .flatMap(({ name, keys }) => keys.map((key) => `${name}/${key}`));
  return new Map(
    assignments.map((assignment) => {
      const [target = '', ...file] = assignment.split('=');
      if (file.length === 0)
        throw new UsageError(`${assignment}: not of the form SECRET/KEY=FILE\nusage: ${USAGE}`);
      if (!known.includes(target))
        throw new CommandError(
          `${target}: no value that is given; there are ${known.join(', ') || 'none'}`,
        );
      if (!existsSync(file.join('='))) throw new CommandError(`${file.join('=')}: no such file`);
      return [target, file.join('=')];
    }),
  );
}

function readGiven({ name, keys }: WantedSecret, given: ReadonlyMap<string, string>) {
  return Object.fromEntries(
    keys.map((key) => [key, readFileSync(given.get(`${name}/${key}`) ?? '', 'utf8')]),
  );
}

function generate({ name, source }: WantedSecret): Record<string, string> {
  switch (source.kind) {
    case 'account':
      return { username: source.accounts[0], password: password() };
    case 'password':
      return { password: password() };
    case 'certificate':
      return certificate(name, source.hosts);
    case 'given':
      return {};
  }
}

/** 192 bits, of characters that need no quotes anywhere. */
function password(): string {
  return randomBytes(24).toString('base64url');
}

function manifest(
  { name, namespace }: WantedSecret,
  data: Readonly<Record<string, string>>,
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    stringData: data,
  });
}
