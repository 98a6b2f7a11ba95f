import { describeIdentity } from '../../verdict/identity';
import { objectId } from '../object-id';
import type { JudgedPair } from '../judged-pairs';
import type { Finding } from '../plan-types';
import { fieldsAt, textAt, valueAt } from '../read';
import { type Access, referencesOf } from '../references';
import type { Thing } from '../world';
import { same } from '../changed-fields';
import { listed } from '../wording';
import { type Context, finding } from './context';

/** Which Pods see that a ConfigMap or Secret has changed, and when. */
export function configuration(context: Context): Finding[] {
  return context.pairs.flatMap((pair) => {
    const { old, new: now, after } = pair;
    if (pair.same || old === undefined || now === undefined || after === undefined) return [];
    const { kind } = now.identity;
    if (kind !== 'ConfigMap' && kind !== 'Secret') return [];
    if (old.identity.name !== now.identity.name) return [moved(context, pair)];
    const keys = changedKeys(pair);
    return keys.length === 0 ? [] : reread(context, pair.id, now.identity, keys);
  });
}

function changedKeys({ before, after }: JudgedPair): string[] {
  const keys = new Set<string>();
  for (const field of ['data', 'binaryData', 'stringData']) {
    const [was, is] = [fieldsAt(before, field), fieldsAt(after, field)];
    for (const key of [...Object.keys(was), ...Object.keys(is)]) {
      if (!same(valueAt(was, key), valueAt(is, key))) keys.add(key);
    }
  }
  return [...keys];
}

/** The new object of a name with a content hash: who uses it rolls out. */
function moved(context: Context, pair: JudgedPair): Finding {
  const name = pair.new?.identity.name ?? '';
  const users = usersOf(
    context,
    pair.new?.identity.kind ?? '',
    pair.new?.identity.namespace ?? null,
    name,
  );
  const names = users.map(({ thing }) => describeIdentity(thing.identity));
  const { identity } = pair.old ?? {};
  const old = identity?.name ?? '';
  const stays = identity !== undefined && context.after.has(objectId(identity));
  const message = `is a new object ${stays ? `beside ${old}, which stays` : `instead of ${old}`}: ${listed([...new Set(names)])} ${names.length === 1 ? 'moves' : 'move'} to it`;
  return finding('config-moved', 'note', pair.id, message, [
    ...new Set(users.map(({ thing }) => thing.id)),
  ]);
}

interface Use {
  readonly thing: Thing;
  readonly access: Access;
}

/** Who of the new set uses an object, each once for each way to get at it. */
function usersOf(
  { after }: Context,
  kind: string,
  namespace: string | null,
  name: string,
  keys?: readonly string[],
): Use[] {
  const uses = new Map<string, Use>();
  for (const thing of after.workloads) {
    if (thing.identity.namespace !== namespace) continue;
    for (const reference of referencesOf(thing.workload.podSpec)) {
      if (reference.kind !== kind || reference.name !== name) continue;
      const read = reference.keys;
      if (keys !== undefined && read !== null && !keys.some((key) => read.includes(key))) continue;
      uses.set(`${thing.id} ${reference.access}`, { thing, access: reference.access });
    }
  }
  return [...uses.values()];
}

/** What is read once, when a container starts. */
const KEPT: readonly [access: Access, how: (isOne: boolean) => string, what: string][] = [
  ['environment', (isOne) => `read${isOne ? 's' : ''} it as environment`, 'values'],
  ['subPath', (isOne) => `mount${isOne ? 's' : ''} it with subPath`, 'file'],
];

/** The kinds that `kubectl rollout restart` takes. */
function isRestartable({ thing }: Use): boolean {
  return ['Deployment', 'StatefulSet', 'DaemonSet'].includes(thing.identity.kind);
}

function reread(
  context: Context,
  id: string,
  { kind, namespace, name }: { kind: string; namespace: string | null; name: string },
  keys: readonly string[],
): Finding[] {
  const found: Finding[] = [];
  const uses = usersOf(context, kind, namespace, name, keys);
  const by = (access: Access, when: (use: Use) => boolean): Use[] =>
    uses.filter((use) => use.access === access && when(use));
  const running = ({ thing }: Use): boolean => !restarts(context, thing) && !isRunLater(thing);
  const say = (
    list: readonly Use[],
    message: (names: string, isOne: boolean) => string,
    code: 'config-reread' | 'config-not-reread',
  ): void => {
    if (list.length === 0) return;
    const names = listed(list.map(({ thing }) => describeIdentity(thing.identity)));
    const level = code === 'config-not-reread' ? 'caution' : 'note';
    found.push(
      finding(
        code,
        level,
        id,
        message(names, new Set(list.map(({ thing }) => thing.id)).size === 1),
        list.map(({ thing }) => thing.id),
      ),
    );
  };
  for (const [access, how, what] of KEPT) {
    say(
      by(access, (use) => running(use) && isRestartable(use)),
      (names, isOne) =>
        `${names} ${how(isOne)}: ${isOne ? 'its' : 'their'} Pods keep the old ${what} until they are restarted (kubectl rollout restart)`,
      'config-not-reread',
    );
    say(
      by(access, (use) => running(use) && !isRestartable(use)),
      (names, isOne) =>
        `${names} ${how(isOne)}, and keep${isOne ? 's' : ''} the old ${what} until ${isOne ? 'it is' : 'they are'} deleted and made anew`,
      'config-not-reread',
    );
  }
  say(
    by('file', running),
    (names, isOne) =>
      `${names} see${isOne ? 's' : ''} the new files within 60 to 90 s, without a restart`,
    'config-reread',
  );
  const restarting = [
    ...new Map(
      uses.filter(({ thing }) => restarts(context, thing)).map((use) => [use.thing.id, use]),
    ).values(),
  ];
  say(
    restarting,
    (names, isOne) => `${names} read${isOne ? 's' : ''} it anew with the rollout`,
    'config-reread',
  );
  const later = [
    ...new Map(
      uses.filter(({ thing }) => isRunLater(thing)).map((use) => [use.thing.id, use]),
    ).values(),
  ];
  say(
    later,
    (names, isOne) => `${names} read${isOne ? 's' : ''} it at the next run`,
    'config-reread',
  );
  return found;
}

/** Whether this change replaces all the Pods of a workload. */
function restarts({ rollouts, before }: Context, { id }: Thing): boolean {
  if (!before.has(id)) return true;
  const rollout = rollouts.get(id)?.rollout;
  return (
    rollout?.templateChanged === true && rollout.waiting === null && rollout.strategy !== 'None'
  );
}

function isRunLater({ object }: Thing): boolean {
  return textAt(object, 'kind') === 'CronJob';
}
