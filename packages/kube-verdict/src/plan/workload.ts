import { type Fields, fieldsAt, numberAt, textAt, textsAt, valueAt } from './read';

/** An object that makes Pods, or is one. */
export interface Workload {
  /** The Pods' labels and spec. */
  readonly labels: Readonly<Record<string, string>>;
  readonly podSpec: Fields;
  /** Where the Pods' metadata and spec stand in the object; empty for a Pod. */
  readonly template: readonly string[];
  /** The selector by which it owns Pods; null for what owns none by labels. */
  readonly selector: Fields | null;
  /** Desired Pods; null where something else decides. */
  readonly replicas: number | null;
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  Pod: [],
};

const GROUPS: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicationController: '',
  Job: 'batch',
  CronJob: 'batch',
  Pod: '',
};

/** The workload that an object is; undefined for any other object. */
export function workloadOf(object: Fields): Workload | undefined {
  const kind = textAt(object, 'kind');
  const template = Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind] : undefined;
  if (template === undefined || groupOf(textAt(object, 'apiVersion')) !== GROUPS[kind]) {
    return undefined;
  }
  return {
    template,
    labels: textsAt(object, ...template, 'metadata', 'labels'),
    podSpec: fieldsAt(object, ...template, 'spec'),
    selector: selectorOf(kind, object),
    replicas: replicasOf(kind, object),
  };
}

function selectorOf(kind: string, object: Fields): Fields | null {
  if (kind === 'Pod' || kind === 'CronJob') return null;
  const selector = valueAt(object, 'spec', 'selector');
  if (kind === 'ReplicationController') {
    const labels = selector ?? fieldsAt(object, 'spec', 'template', 'metadata', 'labels');
    return { matchLabels: labels };
  }
  return selector === undefined || selector === null ? null : fieldsAt(object, 'spec', 'selector');
}

function replicasOf(kind: string, object: Fields): number | null {
  switch (kind) {
    case 'Pod':
      return 1;
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'ReplicationController':
      return numberAt(object, 'spec', 'replicas') ?? 1;
    default:
      return null;
  }
}

/** The API group; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
