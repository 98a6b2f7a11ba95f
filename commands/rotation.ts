import { setTimeout as wait } from 'node:timers/promises';
import { CommandError } from './command';
import { type Kubectl, password, type WantedSecret } from './wanted-secrets';

/** Annotation of a Secret whose old account is not locked yet: its name. */
const ROTATED_FROM = 'user-service-kubernetes/rotated-from';

/** Milliseconds from one poll to the next. */
const INTERVAL = 2000;

/**
 * Changes the account and password of a Secret without a moment in which nobody can log in: makes the other of its two
 * accounts in the store, writes it to the Secret, waits until every Pod that reads the Secret is logged in with it and
 * none with the old one, and locks that. Interrupted, it goes on where it was when it is run again.
 *
 * The store is who says which account a Pod is logged in with: what a Pod says of itself may be old.
 *
 * @param name of the Secret
 * @param timeout milliseconds that Pods have to change over
 * @throws {CommandError} if there is no such account, the cluster cannot do it, or a Pod does not change over; the old
 * account stays open then
 */
export async function rotate(
  kubectl: Kubectl,
  wanted: readonly WantedSecret[],
  name: string,
  timeout: number,
): Promise<void> {
  const accounts = wanted.flatMap((secret) =>
    secret.source.kind === 'account' ? [{ ...secret, source: secret.source }] : [],
  );
  const secret = accounts.find((account) => account.name === name);
  if (secret === undefined)
    throw new CommandError(
      `${name}: no Secret with an account; there are ${accounts.map((account) => account.name).join(', ')}`,
    );
  const { namespace, source } = secret;
  const inNamespace = ['--namespace', namespace] as const;
  const store = (verb: string, account: string, input?: string) =>
    kubectl(
      [
        'exec',
        '--stdin',
        source.store.pod,
        ...inNamespace,
        '--',
        ...source.store.script,
        verb,
        account,
      ],
      input,
    ).trim();

  const object = JSON.parse(
    kubectl(['get', 'secret', name, ...inNamespace, '--output', 'json']),
  ) as SecretObject;
  const current = Buffer.from(object.data.username, 'base64').toString();
  let old = object.metadata.annotations?.[ROTATED_FROM];
  let next = current;
  if (old === undefined) {
    old = current;
    next = source.accounts.find((account) => account !== current) ?? source.accounts[0];
    const value = password();
    store('make', next, value);
    console.log(`made the account ${next}`);
    const { metadata } = object;
    kubectl(
      ['replace', '--filename', '-'],
      JSON.stringify({
        ...object,
        // With the version that was read: somebody else's change in between is not lost.
        metadata: { ...metadata, annotations: { ...metadata.annotations, [ROTATED_FROM]: old } },
        data: undefined,
        stringData: { username: next, password: value },
      }),
    );
    console.log(`changed secret ${namespace}/${name}`);
  } else {
    console.log(
      `${namespace}/${name} has ${next} already, and ${old} is open: going on from there`,
    );
  }

  const deadline = Date.now() + timeout;
  for (;;) {
    const late = podsThatAreLate(
      readers(kubectl, secret),
      store('callers', old).split('\n'),
      store('callers', next).split('\n'),
    );
    if (late.length === 0) break;
    if (Date.now() > deadline)
      throw new CommandError(
        `${old} stays open: after ${timeout / 1000} s still not logged in with ${next} alone: ${late.join(', ')}\n` +
          'Restart them if they read the Secret at their start only, and run the same again: it goes on from here.',
      );
    await wait(INTERVAL);
  }
  store('lock', old);
  kubectl(['annotate', 'secret', name, ...inNamespace, `${ROTATED_FROM}-`]);
  console.log(`locked the account ${old}: every Pod is logged in with ${next}`);
}

interface SecretObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly data: { readonly username: string };
}

interface Reader {
  readonly pod: string;
  readonly address: string;
}

function podsThatAreLate(
  pods: readonly Reader[],
  old: readonly string[],
  next: readonly string[],
): string[] {
  const known = pods.map(({ address }) => address);
  return [
    ...pods
      .filter(({ address }) => old.includes(address) || !next.includes(address))
      .map(({ pod }) => pod),
    ...old.filter((address) => address !== '' && !known.includes(address)),
  ];
}

/** The running Pods that mount the Secret, but for the store's own, which makes the accounts of it. */
function readers(kubectl: Kubectl, { name, namespace, source }: WantedSecret): Reader[] {
  const { items } = JSON.parse(
    kubectl(['get', 'pods', '--namespace', namespace, '--output', 'json']),
  ) as {
    items: {
      metadata: { name: string; deletionTimestamp?: string };
      spec: { volumes?: { secret?: { secretName: string } }[] };
      status: { phase: string; podIP?: string };
    }[];
  };
  return items
    .filter(
      ({ metadata, spec, status }) =>
        metadata.deletionTimestamp === undefined &&
        ['Running', 'Pending'].includes(status.phase) &&
        !(source.kind === 'account' && metadata.name === source.store.pod) &&
        spec.volumes?.some(({ secret }) => secret?.secretName === name),
    )
    .map(({ metadata, status }) => ({ pod: metadata.name, address: status.podIP ?? 'pending' }));
}
