/**
 * `npm run secrets -- ENVIRONMENT`: makes in a cluster, once, the Secrets that an environment refers to; with
 * `--rotate NAME`, changes one that holds an account.
 *
 * Which there are is read from dist/ENVIRONMENT-external-secrets. Values go to the cluster by standard input, and are
 * neither printed nor written.
 */
import { existsSync, readFileSync } from 'node:fs';
import { certificate } from './certificate';
import { CommandError, parseArguments, runCommand, UsageError } from './command';
import { rotate } from './rotation';
import { type Kubectl, kubectlOf, password, readWanted, type WantedSecret } from './wanted-secrets';

const USAGE =
  'npm run secrets -- ENVIRONMENT [--check | --rotate NAME [--timeout SECONDS]] [--context NAME] [--from SECRET/KEY=FILE…]';

runCommand(async (argv) => {
  const { values, positionals } = parseArguments(argv, {
    usage: USAGE,
    options: {
      check: { type: 'boolean' },
      rotate: { type: 'string' },
      timeout: { type: 'string', default: '900' },
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
  const seconds = Number(values.timeout);
  if (!(seconds > 0))
    throw new UsageError(`--timeout ${values.timeout}: not a number of seconds\nusage: ${USAGE}`);
  if (values.rotate !== undefined) {
    if (values.check === true)
      throw new UsageError(`--check changes nothing and --rotate does\nusage: ${USAGE}`);
    await rotate(kubectl, wanted, values.rotate, seconds * 1000);
    return;
  }
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
