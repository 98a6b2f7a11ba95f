import { join } from 'node:path';
import { folderOf, type Outcome, run } from './command';
import { deployment, service } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

function diff(files: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> {
  return run(process.execPath, [BIN, 'diff', ...args], { cwd: folderOf(files) });
}

function text(...manifests: readonly object[]): string {
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}

describe('what only OLD has', () => {
  const kept = service('kept');
  const files = {
    'old.yaml': text(kept, service('gone'), deployment('broken', { replicas: -1 })),
    'new.yaml': text(kept),
  };

  it('was never applied where it could not have been', async () => {
    const why =
      'the old manifest could not have been applied: spec.replicas: Invalid value: -1: must be greater than or equal to 0';
    expect(await diff(files, 'old.yaml', 'new.yaml')).toEqual({
      code: 0,
      out: `Service default/kept unchanged
Service default/gone left behind (removed with --prune)
Deployment default/broken never applied
1 accepted, 0 refused, 1 left behind, 1 never applied
`,
      err: `old.yaml:5:1: Deployment default/broken: warning: ${why}\n`,
    });
    const github = await diff(files, '-o', 'github', 'old.yaml', 'new.yaml');
    expect(github.out).toMatch(new RegExp(`::warning file=old\\.yaml,[^:]*broken::${why}\n$`));
  });

  it('was applied where only the cluster wrote more into it', async () => {
    const { metadata, ...rest } = service('gone');
    const live = { ...rest, metadata: { ...metadata, resourceVersion: '7', uid: 'a' }, status: {} };
    const { out } = await diff({ ...files, 'old.yaml': text(kept, live) }, 'old.yaml', 'new.yaml');
    expect(out).toMatch(/^Service default\/gone left behind \(removed with --prune\)$/m);
    const onServer = { ...files, 'old.yaml': text(kept, live) };
    expect((await diff(onServer, '--server-side', 'old.yaml', 'new.yaml')).out).toContain(
      'gone left',
    );
  });

  it('was applied where its version was served once', async () => {
    const old = { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget' };
    const budget = { ...old, metadata: { name: 'a' }, spec: { maxUnavailable: 1 } };
    expect(
      await diff({ ...files, 'old.yaml': text(kept, budget) }, 'old.yaml', 'new.yaml'),
    ).toEqual({
      code: 0,
      out: `Service default/kept unchanged
PodDisruptionBudget default/a left behind (removed with --prune)
1 accepted, 0 refused, 1 left behind
`,
      err: '',
    });
  });
});
