import { Yaml } from 'cdk8s';
import { REVISIONS } from '../lib';
import { environmentObjects, type KubeObject } from './environment-folders';

/**
 * In each environment, the ConfigMaps that no workload names any more and that a rollback would look for: the newest
 * come first, and of each name as many are kept as a Deployment keeps old revisions.
 */
const FILE = '01-earlier-configuration.k8s.yaml';

/**
 * The files to add to a new `dist`, so that `kubectl rollout undo` still finds the configuration of old revisions after
 * a reconciler has pruned what is not there.
 *
 * @param committed files of `dist` as it was last committed, by path
 * @param staged those of the new one
 */
export function earlierConfiguration(
  committed: ReadonlyMap<string, string>,
  staged: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const before = environmentObjects(committed);
  return new Map(
    [...environmentObjects(staged)].flatMap(([environment, objects]): [string, string][] => {
      const path = `${environment}/${FILE}`;
      const listed = parseNames(committed.get(path));
      const current = objects.filter(isRevision);
      const names = new Set(current.map(({ metadata }) => metadata.name));
      const isCurrent = ({ metadata }: KubeObject) => names.has(metadata.name);
      const candidates = (before.get(environment) ?? [])
        .filter((object) => isRevision(object) && !isCurrent(object))
        // What was current at the commit is newer than all that was listed there already.
        .sort((a, b) => listed.indexOf(a.metadata.name) - listed.indexOf(b.metadata.name));
      const kept = current
        .map(subjectOf)
        .flatMap((subject) =>
          candidates.filter((object) => subjectOf(object) === subject).slice(0, REVISIONS),
        );
      return kept.length > 0 ? [[path, Yaml.stringify(...kept)]] : [];
    }),
  );
}

function parseNames(text: string | undefined): string[] {
  if (text === undefined) return [];
  return [...text.matchAll(/^ {2}name: (\S+)$/gm)].map(([, name = '']) => name);
}

function isRevision({ kind, immutable }: KubeObject): boolean {
  return kind === 'ConfigMap' && immutable === true;
}

/** What it configures. */
function subjectOf({ metadata }: KubeObject): string {
  return metadata.labels?.['app.kubernetes.io/name'] ?? '';
}
