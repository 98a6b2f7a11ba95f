import type { Finding, ObjectPlan, Plan } from '../plan-types';

/** An object with what is found about it, in the order of a report. */
export interface Entry {
  readonly id: string;
  /** Undefined for an object that does not change itself. */
  readonly object: ObjectPlan | undefined;
  readonly findings: readonly Finding[];
  readonly level: EntryLevel;
}

/** How bad an entry is, the worst first. */
export const ENTRY_LEVELS = [
  'refused',
  'downtime',
  'data-loss',
  'caution',
  'change',
  'none',
] as const;
export type EntryLevel = (typeof ENTRY_LEVELS)[number];

/** Everything that a report has to say of objects, the worst first. */
export function entriesOf(plan: Plan): Entry[] {
  const findings = new Map<string, Finding[]>();
  for (const finding of plan.findings) {
    const known = findings.get(finding.object);
    if (known === undefined) findings.set(finding.object, [finding]);
    else known.push(finding);
  }
  const objects = new Map(plan.objects.map((object) => [object.id, object]));
  const entries = [...new Set([...objects.keys(), ...findings.keys()])].map((id): Entry => {
    const [object, found] = [objects.get(id), findings.get(id) ?? []];
    return { id, object, findings: found, level: levelOf(object, found) };
  });
  return entries.sort((a, b) => ENTRY_LEVELS.indexOf(a.level) - ENTRY_LEVELS.indexOf(b.level));
}

function levelOf(object: ObjectPlan | undefined, findings: readonly Finding[]): EntryLevel {
  if (object?.action === 'refused' || findings.some(({ code }) => code === 'pods-refused'))
    return 'refused';
  const worst = (['downtime', 'data-loss', 'caution'] as const).find((level) =>
    findings.some((one) => one.level === level),
  );
  if (worst !== undefined) return worst;
  return object === undefined || object.action === 'none' ? 'none' : 'change';
}

/** What nobody may miss: what is down or lost, and Pods that are refused. */
export function isBlocker({ code, level }: Finding): boolean {
  return level === 'downtime' || level === 'data-loss' || code === 'pods-refused';
}

/** Whether there is anything to say of a plan: objects that change, or what follows for others. */
export function saysAnything({ objects, findings }: Plan): boolean {
  return objects.length > 0 || findings.some(({ level }) => level !== 'note');
}

/** `Deployment default/web`. */
export function titleOf({ id, object }: Pick<Entry, 'id' | 'object'>): string {
  if (object !== undefined) return title(object.kind, object.namespace, object.name);
  const [, kind = '', namespace = '', name = ''] = id.split('/').map(decoded);
  return title(kind, namespace === '' ? null : namespace, name);
}

/** A plan that is read may have been written by anybody. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function title(kind: string, namespace: string | null, name: string): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name === '' ? '(no name)' : name}`;
}

/** The name of an object by its id. */
export function titleOfId(id: string): string {
  return titleOf({ id, object: undefined });
}
