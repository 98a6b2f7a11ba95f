import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Repository } from './repository';

/** What stands before each command whose output is shown: the state that its words say. */
const BEFORE: Readonly<Record<string, (repository: Repository) => void>> = {
  'npm run --silent plan': (repository) => {
    repository.edit('images.json', 'redis:5.0', 'redis:7.4');
  },
  'npm run --silent synth': ({ root }) => {
    rmSync(join(root, 'dist'), { recursive: true });
  },
  'npx kube-verdict diff dist.old dist': (repository) => {
    const deployment = 'dist.old/user-service-deployment.k8s.yaml';
    cpSync(join(repository.root, 'dist'), join(repository.root, 'dist.old'), { recursive: true });
    repository.edit(deployment, 'replicas: 3', 'replicas: 2');
    repository.edit(deployment, 'redis:5.0', 'redis:4.0');
  },
};

/** The commands of a document's console blocks that are run here, and what it says they print. */
function examplesOf(file: string): [file: string, command: string, output: string][] {
  const blocks = [...readFileSync(file, 'utf8').matchAll(/```console\n([\s\S]*?)```/g)];
  return blocks.flatMap(([, block = '']) =>
    block.split(/^\$ /m).flatMap((part): [string, string, string][] => {
      const [line = '', ...output] = part.trimEnd().split('\n');
      const command = line.replace(/\s+#.*/, '');
      return command in BEFORE ? [[file, command, output.join('\n')]] : [];
    }),
  );
}

const EXAMPLES = ['README.md', join('docs', 'plan.md')].flatMap(examplesOf);

let repository: Repository;
beforeAll(() => {
  repository = new Repository();
  const git = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', 'dist'],
  ]) {
    repository.exec('git', args);
  }
  repository.exec('git', [...git, 'commit', '--quiet', '-m', 'dist']);
});
beforeEach(() => {
  repository.restore();
});
afterAll(() => {
  repository.remove();
});

it('finds each of them', () => {
  expect(EXAMPLES.map(([, command]) => command).sort()).toEqual(Object.keys(BEFORE).sort());
});

it.each(EXAMPLES)('%s: %s prints what is shown', (_file, command, shown) => {
  BEFORE[command]?.(repository);
  // As a terminal shows it: what goes to standard error has its place among the rest.
  const { output } = repository.exec('sh', ['-c', `${command} 2>&1`]);
  // A line of an ellipsis stands for any lines.
  const pattern = shown
    .split('\n')
    .map((line) =>
      line === '…' ? '(?:.*\\n)*?' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\n`,
    );
  expect(output).toMatch(new RegExp(`^${pattern.join('')}$`));
});
