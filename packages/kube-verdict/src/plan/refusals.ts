import { describeFieldError } from '../words/describe-field-error';
import { same } from './changed-fields';
import { FORCE } from './flux';
import type { JudgedPair } from './judged-pairs';
import type { Applier, Refusal, WayOut } from './plan-types';
import { wellFormed } from './object-id';
import { type Fields, fieldsAt, listAt, textAt, valueAt } from './read';
import type { Ask } from './selection';
import { counted, duration, listed } from './wording';
import { workloadOf } from './workload';

/** Why an object is refused, and the ways out of it with what each costs. */
export async function refusalOf(
  ask: Ask,
  pair: JudgedPair,
  applier: Applier,
): Promise<Refusal | null> {
  const { old, new: now, errors } = pair;
  if (pair.accepted !== false || now === undefined) return null;
  if (errors.every(({ type }) => type === 'Conflict')) {
    return { errors, waysOut: [leftBehind(now.object)] };
  }
  const created =
    old === undefined ? false : valueAt(await ask({ op: 'create', new: now.object }), 'accepted');
  // What would be accepted as a new object is refused for what it was before.
  if (old === undefined || created !== true) {
    // Kubernetes knows the kind by both: which of them is wrong it does not say.
    const named = errors.map(({ field }) => (field === 'kind' ? 'apiVersion or kind' : field));
    const fields = [...new Set(named.filter((field) => field !== ''))];
    const where = fields.length > 0 ? `fix ${listed(fields, 3)}` : 'fix the manifest';
    return { errors, waysOut: [{ way: 'fix', message: `${where}: no kind of apply accepts it` }] };
  }
  const waysOut = [
    ...helmHook(now.object),
    ...(await otherApply(ask, pair, applier)),
    keep(pair),
    ...(await renewals(ask, pair, applier)),
  ];
  return { errors, waysOut };
}

/** What the API server wrote of one state of one object, as `kubectl get -o yaml` shows it. */
function leftBehind(object: Fields): WayOut {
  const names = ['resourceVersion', 'uid'].filter(
    (name) => textAt(object, 'metadata', name) !== '',
  );
  const fields = listed(names.map((name) => `metadata.${name}`));
  const message = `take ${fields} out of the manifest: only the API server sets that, for one state of the object`;
  return { way: 'fix', message };
}

/** What `helm template` writes of hooks, and `helm upgrade` never applies. */
function helmHook(object: Fields): WayOut[] {
  if (textAt(object, 'metadata', 'annotations', 'helm.sh/hook') === '') return [];
  const message =
    'leave it out (helm template --no-hooks): it is a hook, which Helm itself deletes and makes anew; nothing then runs it with kubectl apply';
  return [{ way: 'leave-out', message }];
}

/** The other kind of apply, where it is accepted. */
async function otherApply(
  ask: Ask,
  { old, new: now }: JudgedPair,
  applier: Applier,
): Promise<WayOut[]> {
  const serverSide = applier === 'kubectl';
  const answer = await ask({ op: 'apply', old: old?.object, new: now?.object, serverSide });
  if (valueAt(answer, 'accepted') !== true) return [];
  return serverSide
    ? [{ way: 'server-side', message: 'kubectl apply --server-side --force-conflicts accepts it' }]
    : [{ way: 'client-side', message: 'kubectl apply without --server-side accepts it' }];
}

/** The changed fields that what is refused is in, or else all of them. */
function keep({ errors, fields }: JudgedPair): WayOut {
  const refused = errors.map(({ field }) => steps(field)).filter((path) => path !== '');
  const paths = [...new Set(fields.map(({ path }) => path))];
  const blamed = paths.filter((path) =>
    refused.some((field) => isWithin(steps(path), field) || isWithin(field, steps(path))),
  );
  const kept = blamed.length > 0 ? blamed : paths;
  const were = kept.length === 1 ? 'it was' : 'they were';
  return {
    way: 'keep',
    message: `keep ${listed(kept, 3)} as ${were}; the rest of the change is applied`,
  };
}

/** A path with its list items left out, which errors number and changes name. */
function steps(path: string): string {
  return path.replace(/\[[^\]]*\]| \(order\)$/g, '');
}

function isWithin(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`);
}

async function renewals(ask: Ask, pair: JudgedPair, applier: Applier): Promise<WayOut[]> {
  const { old, new: now } = pair;
  if (old === undefined || now === undefined) return [];
  const { kind, name, namespace } = now.identity;
  const costs = await costsOf(ask, pair);
  const of = namespace === null || namespace === 'default' ? '' : ` --namespace=${namespace}`;
  const command = `kubectl delete ${kind.toLowerCase()} ${name}${of}${costs.orphan === true ? ' --cascade=orphan' : ''}`;
  return [
    {
      way: 'new-name',
      message: `a new name beside the old object, deleted once the new one works: ${costs.beside}`,
    },
    {
      way: 'delete-and-create',
      message: `${command}, then apply: ${costs.renewed}`,
    },
    {
      way: 'replace-force',
      message: `${
        applier === 'flux'
          ? `annotate it ${FORCE}: Flux does the same`
          : 'kubectl replace --force -f …: the same in one command'
      }, ${costs.orphan === true ? 'but ' : ''}${costs.forced}`,
    },
  ];
}

/** What it costs that an object is deleted with all that belongs to it, and created anew. */
export async function costOfReplacement(ask: Ask, pair: JudgedPair): Promise<string> {
  const { orphan, renewed, forced } = await costsOf(ask, pair);
  return orphan === true ? forced : renewed;
}

interface Costs {
  readonly beside: string;
  readonly renewed: string;
  readonly forced: string;
  /** The deletion leaves its Pods, but for one by force. */
  readonly orphan?: true;
}

async function costsOf(ask: Ask, { old, new: now }: JudgedPair): Promise<Costs> {
  const object = old?.object ?? {};
  const { kind = '' } = now?.identity ?? {};
  const pods = workloadOf(object)?.replicas;
  const serves = 'nothing of it is available from the deletion until new Pods are';
  switch (kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'ReplicationController': {
      const least = kind === 'Deployment' ? await leastOutage(ask, object, now?.object) : undefined;
      const long = least === undefined || least === 0 ? '' : `, at least ${duration(least)}`;
      return {
        beside: `both run for a while (${counted(pods ?? 1, 'Pod')} more), and what selects the Pods has to move`,
        renewed: `${serves}${long}`,
        forced: 'with the same outage',
      };
    }
    case 'StatefulSet': {
      const claims = claimNames(object).length > 0;
      const added = claimNames(now?.object).filter((one) => !claimNames(object).includes(one));
      const empty =
        added.length === 0
          ? ''
          : `; claims of ${listed(added)} are new and empty, old ones stay unused`;
      const changed = listAt(now?.object, 'spec', 'volumeClaimTemplates').some((one) => {
        const name = textAt(one, 'metadata', 'name');
        const old = listAt(object, 'spec', 'volumeClaimTemplates').find(
          (other) => textAt(other, 'metadata', 'name') === name,
        );
        return old !== undefined && !same(old.spec, one.spec);
      });
      const kept = changed
        ? '; claims that are there keep what they have: change each by itself'
        : '';
      return {
        beside: `${counted(pods ?? 1, 'Pod')} more${claims ? ' with new, empty claims' : ''}; data have to be copied, and clients have to move`,
        orphan: true,
        renewed: `its Pods${claims ? ' and claims' : ''} stay, and the new set adopts those that its selector matches: no outage of its own${empty}${kept}`,
        forced: `its Pods end as well: ${serves}${claims ? '; claims stay' : ''}`,
      };
    }
    case 'DaemonSet':
      return {
        beside: 'two Pods on each node for a while; what selects the Pods has to move',
        orphan: true,
        renewed: 'its Pods stay and the new one adopts those that its selector matches',
        forced: `its Pods end as well: on every node ${serves}`,
      };
    case 'Pod':
      return {
        beside: 'both run for a while, and what selects the Pod has to move',
        renewed: 'nothing of it is available until the new Pod is ready',
        forced: 'with the same outage',
      };
    case 'Service':
      return {
        beside: 'clients have to move to the new name',
        renewed:
          'it may get another cluster IP and, of type LoadBalancer, another address; requests fail in between',
        forced: 'with the same outage',
      };
    case 'PersistentVolumeClaim':
      return {
        beside: 'the new claim is empty: data have to be copied, and Pods to move to it',
        renewed:
          'its data are lost where the reclaim policy of its volume is Delete; Pods that use it keep it from being deleted until they end',
        forced: 'with the same loss',
      };
    case 'ConfigMap':
    case 'Secret':
      return {
        beside: 'Pods that move to it roll out: what immutable objects are made for',
        renewed:
          'Pods that start in between fail; those that run keep the old content until they are restarted',
        forced: 'with the same gap',
      };
    case 'Job':
      return {
        beside: 'it runs once more',
        renewed: 'what runs of it is ended, and it runs once more',
        forced: 'with the same end of what runs',
      };
    default:
      return {
        beside: 'what refers to it has to move',
        renewed: 'it does not exist in between',
        forced: 'with the same gap',
      };
  }
}

function claimNames(object: unknown): string[] {
  return listAt(object, 'spec', 'volumeClaimTemplates').map((one) =>
    textAt(one, 'metadata', 'name'),
  );
}

/** Seconds that a Deployment which is deleted and created again is away at least. */
async function leastOutage(ask: Ask, old: unknown, now: unknown): Promise<number | undefined> {
  const spec = fieldsAt(now, 'spec');
  const recreate = {
    ...fieldsAt({ now }, 'now'),
    spec: { ...spec, strategy: { type: 'Recreate' } },
  };
  const answer = await ask({ op: 'rollout', old, new: recreate });
  const least = valueAt(answer, 'rollout', 'leastSeconds');
  return typeof least === 'number' ? least : undefined;
}

/** The reasons of a refusal, a line each. */
export function refusalTexts(refusal: Refusal): string[] {
  return refusal.errors.map((error) => shortened(describeFieldError(error)));
}

/** A message may quote a whole object, a field a line: that is no reason. */
function shortened(text: string): string {
  const longest = 400;
  const [line = '', ...more] = text.split('\n');
  if (line.length <= longest) return more.length === 0 ? line : line.trimEnd();
  return `${wellFormed(line.slice(0, longest / 2))} … ${wellFormed(line.slice(-longest / 2))}`;
}
