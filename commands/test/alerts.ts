/** Has promtool check the alert rules of each environment, and run the unit tests of production's. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Yaml } from 'cdk8s';
import { parse } from 'yaml';

const TESTS = '__tests__/monitoring/alerts.yaml';

const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
try {
  const environments = readdirSync('dist').filter((name) => name.endsWith('-monitoring'));
  if (environments.length === 0) throw new Error('dist has no -monitoring folder');
  for (const environment of environments) {
    const file = join('dist', environment, 'user-alerts.k8s.yaml');
    const { spec } = parse(readFileSync(file, 'utf8')) as { spec: unknown };
    const rules = join(folder, `${environment}.yaml`);
    writeFileSync(rules, Yaml.stringify(spec));
    promtool('check', 'rules', rules);
  }
  copyFileSync(TESTS, join(folder, 'tests.yaml'));
  promtool('test', 'rules', join(folder, 'tests.yaml'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function promtool(...args: string[]): void {
  execFileSync('promtool', args, { stdio: 'inherit' });
}
