import { describeIdentity } from '../verdict/identity';
import { describeFieldError } from '../words/describe-field-error';
import type { Verdict } from '../verdict/verdict';
import { autoscalers } from './checks/autoscalers';
import { budgets } from './checks/budgets';
import { claims } from './checks/claims';
import { configuration } from './checks/configuration';
import type { Check, Context } from './checks/context';
import { deletions } from './checks/deletions';
import { downtime } from './checks/downtime';
import { podSecurity } from './checks/pod-security';
import { policies } from './checks/policies';
import { probes } from './checks/probes';
import { routes } from './checks/routes';
import { owners } from './checks/owners';
import { references } from './checks/references';
import { replacements } from './checks/replacements';
import { services } from './checks/services';
import { waiting } from './checks/waiting';
import { commonChanges } from './common-changes';
import { imageChanges } from './images';
import { type JudgedPair, judgePairs } from './judged-pairs';
import { linksOf } from './links';
import type { Beside } from './neighbours';
import { objectPlans } from './object-plans';
import { pairsOf } from './pairs';
import type { Member } from './side';
import {
  type Applier,
  type Finding,
  type ObjectPlan,
  type Plan,
  PLAN_SCHEMA,
  type Refusal,
} from './plan-types';
import { refusalOf } from './refusals';
import { type AskedRollout, rolloutOf } from './rollouts';
import type { Ask } from './selection';
import { countsOf, heldVerdictOf, outcomesOf, verdictOf } from './summary';
import { topologyOf } from './topology';
import { counted, listed } from './wording';
import { type Neighbours, World } from './world';

export interface PlanOptions {
  /**
   * What applies the new set.
   * @default 'kubectl'
   */
  readonly applier?: Applier | undefined;
  /**
   * How many nodes run Pods of a DaemonSet.
   * @default - not known: figures that depend on it are null
   */
  readonly nodes?: number | undefined;
  /** What is planned, such as an environment. @default '' */
  readonly name?: string | undefined;
  /** What the sets are, to show. @default 'old' and 'new' */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * What applying `now` does to what applying `old` made: to each object, to Pods, and between
 * objects, which say where they stand.
 * @param beside what is beside them, before and after
 */
export async function planMembers(
  verdict: Verdict,
  old: readonly Member[],
  now: readonly Member[],
  options: PlanOptions = {},
  beside?: Beside,
): Promise<Plan> {
  const { applier = 'kubectl', nodes } = options;
  const ask: Ask = (request) => verdict.ask(request);
  const judged = await judgePairs(ask, pairsOf(old, now, verdict), applier, verdict.kinds);
  const pairs = judged.filter(({ neverApplied }) => neverApplied === undefined);
  const refused = pairs.filter(({ accepted }) => accepted === false);
  const before = worldOf(beside?.before, pairs, ({ before: object, old: side }) =>
    side === undefined ? undefined : (object ?? side.object),
  );
  const intended = worldOf(beside?.after, pairs, ({ after, new: side }) => after ?? side?.object);

  const rollouts = new Map<string, AskedRollout>();
  const scalersAfter = intended.autoscalers();
  const scalersBefore = before.autoscalers();
  await Promise.all(
    pairs.map(async (pair) => {
      const { id } = pair;
      const scalers = { before: scalersBefore.get(id), after: scalersAfter.get(id) };
      const asked = await rolloutOf(ask, pair, { applier, nodes, scalers });
      if (asked !== undefined) rollouts.set(pair.id, asked);
    }),
  );
  const contextOf = async (
    after: World,
    of: ReadonlyMap<string, AskedRollout>,
  ): Promise<Context> => {
    const [linksBefore, linksAfter, linksAcross] = await Promise.all([
      linksOf(ask, before, before),
      linksOf(ask, after, after),
      linksOf(ask, after, before),
    ]);
    return {
      ask,
      applier,
      pairs,
      before,
      after,
      linksBefore,
      linksAfter,
      linksAcross,
      rollouts: of,
    };
  };
  const context = await contextOf(intended, rollouts);
  const isHeld = applier === 'flux' && refused.length > 0;
  const wanted = isHeld ? sorted(replacements(context)) : await findingsOf(context);
  const findings =
    refused.length === 0 || isHeld
      ? wanted
      : await withHalf(wanted, refused, await contextOf(half(beside?.after, pairs), rollouts));

  const refusals = new Map<string, Refusal>();
  await Promise.all(
    refused.map(async (pair) => {
      const refusal = await refusalOf(ask, pair, applier);
      if (refusal !== null) refusals.set(pair.id, refusal);
    }),
  );
  const { common, own } = commonChanges(pairs);
  const objects = worstFirst(await objectPlans(context, own, refusals), findings);
  const counts = countsOf(objects, pairs.length - objects.length);
  return {
    schema: PLAN_SCHEMA,
    kubernetes: verdict.kubernetes,
    applier,
    name: options.name ?? '',
    from: options.from ?? 'old',
    to: options.to ?? 'new',
    verdict: isHeld ? heldVerdictOf(counts, findings, pairs) : verdictOf(objects, findings, counts),
    outcomes: isHeld
      ? outcomesOf(
          objects.filter(({ action }) => action === 'refused'),
          findings,
          pairs.filter(({ replaced }) => replaced),
        )
      : outcomesOf(objects, findings, pairs),
    counts,
    notes: [...notesOf(objects, applier), ...neverAppliedNotes(judged)],
    objects,
    findings,
    common,
    images: imageChanges(pairs),
    topology: await topologyOf(context, objects),
  };
}

function worldOf(
  neighbours: Neighbours | undefined,
  pairs: readonly JudgedPair[],
  objectOf: (pair: JudgedPair) => JudgedPair['after'],
): World {
  const world = new World(neighbours);
  for (const pair of pairs) {
    const object = objectOf(pair);
    const identity = pair.new?.identity ?? pair.old?.identity;
    if (object !== undefined && identity !== undefined) world.add(pair.id, identity, object);
  }
  return world;
}

/** What is there once a set is applied of which something is refused, and the rest is not. */
function half(neighbours: Neighbours | undefined, pairs: readonly JudgedPair[]): World {
  return worldOf(neighbours, pairs, ({ accepted, before, after, old, new: side }) =>
    accepted === false ? (before ?? old?.object) : (after ?? side?.object),
  );
}

const CHECKS: readonly Check[] = [
  downtime,
  services,
  routes,
  budgets,
  owners,
  references,
  probes,
  podSecurity,
  policies,
  autoscalers,
  deletions,
  claims,
  replacements,
  configuration,
  waiting,
];

const LEVELS = ['downtime', 'data-loss', 'caution', 'note'] as const;

async function findingsOf(context: Context): Promise<Finding[]> {
  const found = (await Promise.all(CHECKS.map(async (check) => check(context)))).flat();
  return sorted(found);
}

function sorted(found: readonly Finding[]): Finding[] {
  return [...found].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

/** Findings of a set of which something is refused: what comes from half of it says so. */
async function withHalf(
  wanted: readonly Finding[],
  refused: readonly JudgedPair[],
  half: Context,
): Promise<Finding[]> {
  const names = listed(
    refused.map(({ new: now }) => (now === undefined ? '' : describeIdentity(now.identity))),
    3,
  );
  const known = new Set(wanted.map(({ object, message }) => `${object} ${message}`));
  return (await findingsOf(half)).map((one): Finding =>
    known.has(`${one.object} ${one.message}`) || one.level === 'note'
      ? one
      : {
          ...one,
          code: 'half-applied',
          message: `${one.message}; this comes from applying half of the set, for ${names} ${refused.length === 1 ? 'is' : 'are'} refused`,
        },
  );
}

const ACTIONS = [
  'refused',
  'delete',
  'replace',
  'rollout',
  'scale',
  'update',
  'not-judged',
  'create',
  'none',
] as const;

function worstFirst(objects: readonly ObjectPlan[], findings: readonly Finding[]): ObjectPlan[] {
  const worst = new Map<string, number>();
  for (const { object, level } of findings) {
    worst.set(object, Math.min(worst.get(object) ?? LEVELS.length, LEVELS.indexOf(level)));
  }
  const rank = ({ id, action }: ObjectPlan): number =>
    (action === 'refused' ? -1 : Math.min(worst.get(id) ?? LEVELS.length, 2)) * 10 +
    ACTIONS.indexOf(action);
  return [...objects].sort((a, b) => rank(a) - rank(b));
}

function notesOf(objects: readonly ObjectPlan[], applier: Applier): string[] {
  const of = (action: ObjectPlan['action']): number =>
    objects.filter((one) => one.action === action).length;
  const [refused, deleted, all] = [of('refused'), of('delete'), objects.length];
  const notes: string[] = [];
  const verb = refused === 1 ? 'is' : 'are';
  if (refused > 0 && all > refused) {
    notes.push(
      applier === 'flux'
        ? `Flux tries the whole set first: as ${refused} of ${all} ${verb} refused, nothing of it is applied`
        : `kubectl applies the rest: ${refused} of ${all} ${verb} refused, ${counted(all - refused, 'other')} ${all - refused === 1 ? 'is' : 'are'} applied`,
    );
  }
  if (deleted > 0 && applier !== 'flux') {
    const it = deleted === 1 ? 'it' : 'them';
    notes.push(
      `kubectl apply leaves what is deleted where it is, until --prune or kubectl delete takes ${it} away`,
    );
  }
  return notes;
}

/** What is in the old set alone and is not in the cluster either. */
function neverAppliedNotes(judged: readonly JudgedPair[]): string[] {
  const never = judged.flatMap(({ old, neverApplied }) =>
    old === undefined || neverApplied === undefined ? [] : [{ old, neverApplied }],
  );
  const [only] = never;
  if (only === undefined) return [];
  const names = listed(
    never.map(({ old }) => describeIdentity(old.identity)),
    3,
  );
  const why = never.length === 1 ? `: ${describeFieldError(only.neverApplied)}` : '';
  return [
    `${names} ${never.length === 1 ? 'is' : 'are'} no longer in the set and can never have been applied, so there is nothing to delete${why}`,
  ];
}
