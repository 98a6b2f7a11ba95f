import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderOf, type Outcome, run } from './command';

const PACKAGE = join(__dirname, '..');

const JUDGE = `
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [] } };
void loadVerdict().then(async (verdict) => {
  const { accepted, errors } = await verdict.create(pod);
  console.log(verdict.kubernetes, accepted, errors[0]?.field);
});
`;

const SYNTH = `
const app = new App({ outdir: 'out' });
judge(app);
new ApiObject(new Chart(app, 'shop'), 'pod', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } });
try {
  app.synth();
} catch (error) {
  console.log((error as Error).message);
}
`;

const TYPED = `
import { type Judgement, loadVerdict, type Verdict } from 'kube-verdict';
import { judge } from 'kube-verdict/cdk8s';
import { App } from 'cdk8s';
export async function judgements(): Promise<readonly string[]> {
  const verdict: Verdict = await loadVerdict({ timeout: 1_000, module: new Uint8Array() });
  const judgement: Judgement = await verdict.create({}, { podSecurity: 'baseline' });
  const { change } = await verdict.apply({}, {}, { serverSide: true, live: {} });
  judge(new App(), { podSecurity: 'restricted' });
  return [...judgement.warnings, ...(change?.fields ?? [])];
}
`;

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    module: 'nodenext',
    lib: ['es2023'],
    target: 'es2023',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['typed.ts', 'typed.mts'],
});

let program: string;

/** A program with the package installed as npm would from the registry, beside its dependencies. */
beforeAll(async () => {
  program = folderOf({
    'commonjs.cjs': `const { loadVerdict } = require('kube-verdict');${JUDGE}`,
    'module.mjs': `import { loadVerdict } from 'kube-verdict';${JUDGE}`,
    'typescript.ts': `import { loadVerdict } from 'kube-verdict';${JUDGE}`,
    'synth.ts': `import { ApiObject, App, Chart } from 'cdk8s';\nimport { judge } from 'kube-verdict/cdk8s';${SYNTH}`,
    'synth.mts': `import { ApiObject, App, Chart } from 'cdk8s';\nimport { judge } from 'kube-verdict/cdk8s';${SYNTH}`,
    'typed.ts': TYPED,
    'typed.mts': TYPED,
    'tsconfig.json': TSCONFIG,
    'package.json': '{}',
  });
  const packed = await run('npm', ['pack', '--ignore-scripts', '--pack-destination', program], {
    cwd: PACKAGE,
  });
  if (packed.code !== 0) throw new Error(packed.err);
  const modules = join(program, 'node_modules');
  const installed = join(modules, 'kube-verdict');
  mkdirSync(installed, { recursive: true });
  const archive = join(program, packed.out.trim().split('\n').at(-1) ?? '');
  const extracted = await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  if (extracted.code !== 0) throw new Error(extracted.err);
  for (const name of [
    'yaml',
    'ignore',
    'cdk8s',
    'constructs',
    'tsx',
    'typescript',
    '@types/node',
  ]) {
    const from = dirname(require.resolve(`${name}/package.json`));
    const to = join(modules, name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to);
  }
});

function node(...args: string[]): Promise<Outcome> {
  return run(process.execPath, args, { cwd: program });
}

const JUDGED = { code: 0, out: '1.34.10 false spec.containers\n', err: '' };

describe('the package, installed', () => {
  it.each([
    ['a CommonJS program', ['commonjs.cjs']],
    ['an ES module', ['module.mjs']],
    ['TypeScript under tsx', ['--import', 'tsx', 'typescript.ts']],
  ])('judges from %s, which then ends by itself', async (_name, args) => {
    expect(await node(...args)).toEqual(JUDGED);
  });

  it.each([['synth.ts'], ['synth.mts']])('judges what cdk8s synthesizes in %s', async (file) => {
    const { code, out } = await node('--import', 'tsx', file);
    expect(code).toBe(0);
    expect(out).toContain('[shop/pod] Pod default/web: spec.containers: Required value');
  });

  it('has types for CommonJS and for ES modules, with no other library', async () => {
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    expect(await node(tsc, '-p', '.')).toEqual({ code: 0, out: '', err: '' });
  });

  it('has its command', async () => {
    const { code, out } = await node('node_modules/kube-verdict/bin/kube-verdict.js', '--version');
    expect(code).toBe(0);
    expect(out).toMatch(/^kube-verdict \d+\.\d+\.\d+ \(Kubernetes 1\.34\.10\)\n$/);
  });

  it('holds no more than it needs', async () => {
    const listed = await run('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
      cwd: PACKAGE,
    });
    const [{ files }] = JSON.parse(listed.out) as [{ files: { path: string }[] }];
    const unexpected = files
      .map(({ path }) => path)
      .filter(
        (path) => !/^(bin|dist|module|schema)\/|^(package\.json|README\.md|LICENSE)$/.test(path),
      );
    expect(unexpected).toEqual([]);
  });
});
