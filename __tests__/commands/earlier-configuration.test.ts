import { Yaml } from 'cdk8s';
import { earlierConfiguration } from '../../commands/earlier-configuration';
import { parseObjects } from '../../commands/environment-folders';
import { REVISIONS } from '../../lib';

const FILE = 'production/01-earlier-configuration.k8s.yaml';

function configMap(name: string, subject = 'user') {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { 'app.kubernetes.io/name': subject } },
    immutable: true,
    data: { A: name },
  };
}

/** A `dist` whose service is configured by ConfigMaps of these names. */
function dist(...names: string[]): Map<string, string> {
  return new Map([
    ['production/00-namespace.k8s.yaml', 'kind: Namespace\nmetadata:\n  name: user-production\n'],
    ['production/user.k8s.yaml', Yaml.stringify(...names.map((name) => configMap(name)))],
  ]);
}

/** One synthesis after another, each committed before the next. */
function afterCommits(...names: string[]): Map<string, string> {
  return names.reduce((committed, name) => {
    const staged = dist(name);
    return new Map([...staged, ...earlierConfiguration(committed, staged)]);
  }, new Map<string, string>());
}

function kept(files: ReadonlyMap<string, string>): string[] {
  return parseObjects(files.get(FILE) ?? '').map(({ metadata }) => metadata.name);
}

it('keeps what was configured before, the newest first', () => {
  expect(kept(afterCommits('user-a', 'user-b', 'user-c'))).toEqual(['user-b', 'user-a']);
});

it('says the same when it is asked again after the commit', () => {
  const committed = afterCommits('user-a', 'user-b', 'user-c');
  expect(kept(earlierConfiguration(committed, dist('user-c')) as Map<string, string>)).toEqual([
    'user-b',
    'user-a',
  ]);
});

it('keeps as many as a Deployment keeps revisions', () => {
  const names = Array.from({ length: REVISIONS + 4 }, (_, index) => `user-${index}`);
  const [, ...before] = [...names].reverse();
  expect(kept(afterCommits(...names))).toEqual(before.slice(0, REVISIONS));
});

it('lists no ConfigMap twice when a change is taken back', () => {
  expect(kept(afterCommits('user-a', 'user-b', 'user-a'))).toEqual(['user-b']);
});

it('keeps nothing of what is no longer there', () => {
  const committed = dist('user-a');
  committed.set('production/old.k8s.yaml', Yaml.stringify(configMap('old-a', 'old')));
  expect([...earlierConfiguration(committed, dist('user-a'))]).toEqual([]);
});
