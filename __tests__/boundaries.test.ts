import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

const ROOT = join(__dirname, '..');

/** Imports that are not allowed, each with the rule that says so. */
const FORBIDDEN: readonly [rule: string, from: string, to: string][] = [
  ['nothing-imports-main', 'commands/a.ts', 'main.ts'],
  ['nothing-imports-main', '__tests__/main.test.ts', 'main.ts'],
  ['nothing-imports-tests', 'bench/a.ts', '__tests__/render.ts'],
  ['nothing-imports-tests', 'e2e/harness/a.ts', '__tests__/render.ts'],
  ['lib-has-one-door', 'main.ts', 'lib/app/app.ts'],
  ['lib-has-one-door', '__tests__/app.test.ts', 'lib/app/app.ts'],
  ['local-cluster-has-one-door', 'commands/b.ts', 'packages/local-cluster/kind.ts'],
  ['kube-verdict-has-two-doors', 'bench/b.ts', 'packages/kube-verdict/src/index.ts'],
  ['lib-imports-what-it-needs', 'lib/a.ts', 'commands/command.ts'],
  ['lib-imports-what-it-needs', 'lib/b.ts', 'packages/local-cluster/index.ts'],
  ['lib-imports-what-it-needs', 'lib/c.ts', 'fast-check'],
  ['constructs-read-nothing', 'lib/d.ts', 'node:fs'],
  ['constructs-read-nothing', 'lib/pod/pod.ts', 'node:crypto'],
  ['lesson-and-production-are-apart', 'lib/lesson/a.ts', 'lib/pod/pod.ts'],
  ['production-and-lesson-are-apart', 'lib/stores/a.ts', 'lib/lesson/user-service.ts'],
  ['services-and-stores-are-apart', 'lib/stores/b.ts', 'lib/microservice/microservice.ts'],
  ['parts-know-no-whole', 'lib/network/a.ts', 'lib/stores/mysql.ts'],
  ['environments-are-data', 'environments.ts', 'commands/command.ts'],
  ['examples-import-lib', 'examples/freight/a.ts', 'commands/command.ts'],
  ['nothing-imports-examples', 'commands/d.ts', 'examples/freight/freight.ts'],
  ['packages-stand-alone', 'packages/local-cluster/a.ts', 'commands/command.ts'],
  ['packages-stand-alone', 'packages/local-cluster/b.ts', 'kube-verdict'],
  ['packages-stand-alone', 'packages/kube-verdict/src/a.ts', 'lib/index.ts'],
  ['commands-are-not-bench-or-e2e', 'commands/c.ts', 'bench/bench.ts'],
  ['bench-is-not-e2e', 'bench/c.ts', 'e2e/e2e.ts'],
  ['harness-knows-no-suite', 'e2e/harness/b.ts', 'e2e/suites/apply/suite.ts'],
  ['services-import-local-cluster', 'services/a.ts', 'commands/command.ts'],
  ['suites-know-no-other', 'e2e/suites/lesson/a.ts', 'e2e/suites/apply/suite.ts'],
];

const ALLOWED: readonly [from: string, to: string][] = [
  ['main.ts', 'lib/index.ts'],
  ['lib/index.ts', 'lib/app/app.ts'],
  ['lib/app/app.ts', 'kube-verdict/cdk8s'],
  ['lib/app/app.ts', 'imports/k8s.ts'],
  ['lib/app/app.ts', 'cdk8s'],
  ['lib/app/app.ts', 'node:fs'],
  ['lib/pod/config-map.ts', 'node:crypto'],
  ['lib/microservice/microservice.ts', 'lib/pod/pod.ts'],
  ['main.ts', 'environments.ts'],
  ['environments.ts', 'lib/index.ts'],
  ['examples/freight/main.ts', 'lib/index.ts'],
  ['__tests__/production/freight.test.ts', 'examples/freight/freight.ts'],
  ['commands/command.ts', 'lib/index.ts'],
  ['bench/bench.ts', 'commands/command.ts'],
  ['e2e/e2e.ts', 'e2e/suites/index.ts'],
  ['e2e/suites/index.ts', 'e2e/suites/apply/suite.ts'],
  ['e2e/suites/apply/suite.ts', 'e2e/harness/test-context.ts'],
  ['e2e/harness/test-context.ts', 'local-cluster'],
  ['services/user-client.ts', 'local-cluster'],
  ['packages/local-cluster/index.ts', 'packages/local-cluster/kind.ts'],
  ['packages/kube-verdict/src/index.ts', 'packages/kube-verdict/src/verdict.ts'],
  ['packages/local-cluster/__tests__/kind.test.ts', 'packages/local-cluster/kind.ts'],
  ['__tests__/render.test.ts', '__tests__/render.ts'],
];

/** An import that dependency-cruiser found against a rule. */
interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

function cruise(imports: readonly (readonly [from: string, to: string])[]): Violation[] {
  const folder = mkdtempSync(join(tmpdir(), 'boundaries-'));
  try {
    for (const file of ['tsconfig.json', '.dependency-cruiser.mjs'])
      cpSync(join(ROOT, file), join(folder, file));
    const modules = join(folder, 'node_modules');
    mkdirSync(modules);
    for (const name of ['cdk8s', 'constructs', 'fast-check', 'typescript'])
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: 'a' });
    };
    for (const file of ['dist/index.js', 'dist/cdk8s.js'])
      write(`packages/kube-verdict/${file}`, '');
    for (const name of ['kube-verdict', 'local-cluster']) {
      const manifest = join('packages', name, 'package.json');
      write(manifest, readFileSync(join(ROOT, manifest), 'utf8'));
      symlinkSync(join('..', 'packages', name), join(modules, name));
    }
    for (const [from, to] of imports) {
      const isFile = to.endsWith('.ts');
      if (isFile) write(to, `export const made = 1;\n`);
      const path = relative(dirname(from), to.replace(/\.ts$/, ''));
      const specifier = !isFile ? to : path.startsWith('.') ? path : `./${path}`;
      write(from, `import type {} from ${JSON.stringify(specifier)};\n`);
    }
    const { stdout, stderr } = spawnSync(
      join(ROOT, 'node_modules/.bin/depcruise'),
      ['--output-type', 'json', ...new Set(imports.map(([from]) => from.split('/')[0] ?? from))],
      { cwd: folder, encoding: 'utf8' },
    );
    if (!stdout.startsWith('{')) throw new Error(stderr + stdout);
    return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('what may not import what', () => {
  const violations = cruise(FORBIDDEN.map(([, from, to]) => [from, to]));
  it.each(FORBIDDEN)('%s: %s not %s', (rule, from, to) => {
    const packages: Record<string, string> = { 'kube-verdict': 'packages/kube-verdict/' };
    const target = (packages[to] ?? to).replace(/^node:/, '');
    expect(
      violations.filter((found) => found.from === from && found.to.includes(target)),
    ).toContainEqual(
      expect.objectContaining({ rule: expect.objectContaining({ name: rule }) as unknown }),
    );
  });

  it('is all that is forbidden', () => {
    expect(cruise(ALLOWED)).toEqual([]);
  });

  it('is held where files import each other in a ring', () => {
    const ring: [string, string][] = [
      ['commands/a.ts', 'commands/b.ts'],
      ['commands/b.ts', 'commands/a.ts'],
    ];
    expect(cruise(ring).map(({ rule }) => rule.name)).toEqual(['no-cycle']);
  });
});

/** Lines that ESLint does not accept in a file, each with the rule that says so. */
const NOT_THERE: readonly [rule: string, file: string, line: string][] = [
  ['no-restricted-globals', 'lib/lesson/compose.ts', 'a.push(process.env.HOME);'],
  ['no-restricted-globals', 'lib/lesson/compose.ts', 'a.push(new Date());'],
  ['no-restricted-globals', 'lib/lesson/compose.ts', 'a.push(Date.now());'],
  ['no-restricted-globals', 'lib/lesson/compose.ts', 'a.push(performance.now());'],
  ['no-restricted-properties', 'lib/lesson/compose.ts', 'a.push(Math.random());'],
  ['no-restricted-imports', 'lib/lesson/compose.ts', "import 'node:fs';"],
  ['no-restricted-properties', 'lib/app/app.ts', 'a.push(process.env.HOME);'],
  ['no-restricted-imports', 'lib/app/app.ts', "import { readFileSync } from 'node:fs';"],
  ['no-restricted-imports', 'lib/app/app.ts', "import 'node:child_process';"],
  ['no-restricted-syntax', 'commands/synth.ts', 'class A { #b = 1; }'],
  ['dialect/number-in-template', 'commands/synth.ts', 'a.push(`${String(1)}`);'],
  ['no-restricted-globals', '__tests__/boundaries.test.ts', "test('a', () => {});"],
];

describe('ESLint', () => {
  const found = lint(NOT_THERE.map(([, filePath, line]) => ({ filePath, line })));
  it.each(NOT_THERE.map((row, index) => [...row, index] as const))(
    '%s: does not accept in %s: %s',
    (rule, _file, _line, index) => {
      expect(found[index]).toContain(rule);
    },
  );
});

/** Rules that ESLint names for each file, were it this one line. All in one process: it takes seconds to begin. */
function lint(files: readonly { filePath: string; line: string }[]): string[][] {
  const script = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint();
    const found = [];
    for (const { filePath, line } of ${JSON.stringify(files)}) {
      const [result] = await eslint.lintText(line, { filePath });
      found.push(result.messages.map(({ ruleId }) => ruleId));
    }
    console.log(JSON.stringify(found));
  `;
  const { stdout, stderr } = spawnSync('node', ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (!stdout.startsWith('[')) throw new Error(stderr);
  return JSON.parse(stdout) as string[][];
}
