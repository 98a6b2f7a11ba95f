/** `kube-verdict plan`, as whole processes, beside programs that compare the same files. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { atMost, type Command, medianOutcomes, medianSeconds, round, type Row } from './measure';
import { compare } from './peers';

const OBJECTS = 2000;
const BIN = join('packages', 'kube-verdict', 'bin', 'kube-verdict.js');

/** Plans of this repository's dist and of many objects, of which a tenth changes. */
export function planRows(folder: string): Row[] {
  const peak = join(folder, 'peak');
  writeFileSync(join(folder, 'peak.mjs'), PEAK_MEMORY);
  const plan = (old: string, now: string): Command => ({
    args: ['node', '--import', join(folder, 'peak.mjs'), BIN, 'plan', old, now],
    env: { PEAK_MEMORY_FILE: peak },
  });
  const dist = changedDist(folder);
  const [old, now] = manyObjects(folder);
  const [ofDist = NaN, same = NaN] = medianSeconds(5, plan('dist', dist), plan(old, old));
  const [ofMany = NaN] = medianSeconds(5, plan(old, now));
  return [
    atMost("plan of this repository's dist, an image changed", 0.5, ofDist, ' s'),
    atMost(`plan of ${OBJECTS} objects, a tenth changed`, 2, ofMany, ' s'),
    atMost('… peak memory', 400, Number(readFileSync(peak, 'utf8')), ' MB'),
    { name: '… nothing changed', measured: `${Number(same.toPrecision(3))} s` },
    ...compare(`kube-verdict plan, ${OBJECTS} objects`, plan(old, now), [
      ['dyff', 'between', ['between', '--omit-header', old, now]],
    ]).slice(1),
    kubectlDiff(now, ofMany),
  ];
}

/** `kubectl diff` against the cluster of KUBECONFIG, which none of the objects has: it is asked to try each of them. */
function kubectlDiff(now: string, ours: number): Row {
  const name = '… kubectl diff, a cluster at hand';
  const { status } = spawnSync('kubectl', ['version', '--request-timeout=5s']);
  if (status !== 0)
    return { name, measured: 'not run: no cluster answers to kubectl (KUBECONFIG)' };
  // It ends with 1 where anything differs.
  const script = 'kubectl diff -f "$1" > /dev/null; test $? -le 1';
  const [outcome = NaN] = medianOutcomes(1, { args: ['sh', '-c', script, 'sh', now] });
  return outcome instanceof Error
    ? { name, measured: outcome.message.split('\n').slice(0, 2).join(': ') }
    : { name, measured: `${round(outcome)} s, ${round(outcome / ours)} times ours` };
}

const PEAK_MEMORY = `import { writeFileSync } from 'node:fs';
process.on('exit', () => {
  writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS / 1024));
});
`;

function changedDist(folder: string): string {
  const dist = join(folder, 'dist');
  cpSync('dist', dist, { recursive: true });
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('deployment.k8s.yaml')) continue;
    const path = join(dist, file);
    writeFileSync(path, readFileSync(path, 'utf8').replace(/image: user$/m, 'image: user:v2'));
  }
  return dist;
}

/** A file before and one after. */
function manyObjects(folder: string): [string, string] {
  const write = (name: string, changed: (i: number) => boolean): string => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name}.yaml`);
    const texts = Array.from({ length: OBJECTS / 2 }, (_, i) => {
      // Of a Deployment and its Service, one changes where a tenth of all is to.
      const image = `registry.example/shop/web:${changed(i) ? 2 : 1}`;
      return [deployment(`web-${i}`, image), service(`web-${i}`)].map((one) => stringify(one));
    });
    writeFileSync(path, texts.flat().join('---\n'));
    return path;
  };
  return [write('old', () => false), write('new', (i) => i % 5 === 0)];
}

function deployment(name: string, image: string): object {
  const labels = { app: name };
  const ports = [{ name: 'http', containerPort: 8080 }];
  const containers = [{ name: 'web', image, ports, env: [{ name: 'LEVEL', value: 'info' }] }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

function service(name: string): object {
  const ports = [{ port: 80, targetPort: 'http' }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports },
  };
}
