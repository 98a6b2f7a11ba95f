import type { Finding } from '../plan-types';
import { type Fields, listAt, numberAt, valueAt } from '../read';
import { listed } from '../wording';
import type { Thing, World } from '../world';
import { type Context, finding, hasPods, isDeleted, nameOf } from './context';

/** What NetworkPolicies come to let through to the Pods that are there, and no longer let through. */
export function policies(context: Context): Finding[] {
  const { before, after, linksBefore, linksAfter } = context;
  const told = new Set<string>();
  const ids = new Set([...linksBefore.policies.keys(), ...linksAfter.policies.keys()]);
  return [...ids].flatMap((id) => {
    const was = linksBefore.policies.get(id) ?? [];
    const is = linksAfter.policies.get(id) ?? [];
    const isChanged = before.get(id)?.object !== after.get(id)?.object;
    if (!isChanged && was.join() === is.join()) return [];
    const stays = [...new Set([...was, ...is])].filter(
      (workload) => hasPods(before.get(workload)) && hasPods(after.get(workload)),
    );
    return DIRECTIONS.flatMap((direction) => {
      const groups = new Map<string, { say: Say; workloads: string[] }>();
      for (const workload of stays) {
        for (const say of outcomesOf(context, id, workload, direction)) {
          // Of two policies that change together, one tells it.
          const key = `${direction} ${say('', true)}`;
          if (told.has(`${workload} ${key}`)) continue;
          told.add(`${workload} ${key}`);
          const known = groups.get(key);
          if (known === undefined) groups.set(key, { say, workloads: [workload] });
          else known.workloads.push(workload);
        }
      }
      return [...groups.values()].map(({ say, workloads }) => {
        const names = listed(
          workloads.map((workload) => nameOf(context, workload)),
          3,
        );
        const message = say(names, workloads.length === 1);
        return finding('traffic', 'caution', id, message, workloads);
      });
    });
  });
}

const DIRECTIONS = ['Ingress', 'Egress'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** A sentence about one workload, or some. */
type Say = (names: string, isOne: boolean) => string;

/** What becomes of the traffic of a workload where a policy changes. */
function outcomesOf(
  context: Context,
  id: string,
  workload: string,
  direction: Direction,
): readonly Say[] {
  const was = governing(context.before, context.linksBefore.policies, workload, direction);
  const is = governing(context.after, context.linksAfter.policies, workload, direction);
  const isIn = direction === 'Ingress';
  if (was.length === 0 && is.length === 0) return [];
  if (is.length === 0)
    return [
      (names, isOne) =>
        `${names} ${isIn ? 'may be reached from everywhere' : 'may reach everything'} from now on: no NetworkPolicy is about ${isOne ? 'it' : 'them'} any more`,
    ];
  if (was.length === 0)
    return [
      (names) =>
        isIn
          ? `${names} could be reached from everywhere, and from now on only as policies allow`
          : `${names} could reach everything, and from now on only what policies allow`,
    ];
  const [old, now] = [was, is].map((ones) => ones.flatMap((one) => rulesOf(one, direction)));
  if (old === undefined || now === undefined || old.length === 0) return [];
  if (now.length === 0)
    return [
      (names, isOne) =>
        `${isIn ? `nothing reaches ${names}` : `${names} ${isOne ? 'reaches' : 'reach'} nothing`} any more: ${isOne ? 'it is' : 'they are'} isolated, and no rule is left`,
    ];
  const isGone = isDeleted(context, id) && was.some((one) => one.id === id);
  const lost = isGone && rulesOf(context.before.get(id), direction).length > 0;
  const isNameless = !isIn && old.some(isToDns) && !now.some(isToDns);
  return [
    ...(lost
      ? [
          (names: string, isOne: boolean) =>
            `what it let ${isIn ? 'reach' : 'leave'} ${names} is no longer let through: ${isOne ? 'it is' : 'they are'} isolated by ${listed(
              is.map((one) => nameOf(context, one.id)),
              2,
            )}`,
        ]
      : []),
    ...(isNameless
      ? [
          (names: string) =>
            `${names} can no longer ask DNS for names: no rule lets traffic go to port 53`,
        ]
      : []),
  ];
}

/** The policies that isolate the Pods of a workload in a direction. */
function governing(
  world: World,
  selected: Context['linksAfter']['policies'],
  workload: string,
  direction: Direction,
): Thing[] {
  return [...selected].flatMap(([id, workloads]) => {
    const policy = world.get(id);
    return policy !== undefined && workloads.includes(workload) && isAbout(policy, direction)
      ? [policy]
      : [];
  });
}

/** By default a policy is about what comes in, and about what goes out if it has rules for that. */
function isAbout({ object }: Thing, direction: Direction): boolean {
  const types = valueAt(object, 'spec', 'policyTypes');
  if (Array.isArray(types) && types.length > 0) return types.includes(direction);
  return direction === 'Ingress' || listAt(object, 'spec', 'egress').length > 0;
}

function rulesOf(policy: Thing | undefined, direction: Direction): readonly Fields[] {
  if (policy === undefined || !isAbout(policy, direction)) return [];
  return listAt(policy.object, 'spec', direction.toLowerCase());
}

/** Also where it cannot be told: a port's name means what the Pod at the other end says. */
function isToDns(rule: Fields): boolean {
  const ports = listAt(rule, 'ports');
  return ports.length === 0 || ports.some(isPortOfDns);
}

function isPortOfDns(port: Fields): boolean {
  const first = valueAt(port, 'port') ?? 53;
  return typeof first !== 'number' || (first <= 53 && 53 <= (numberAt(port, 'endPort') ?? first));
}
