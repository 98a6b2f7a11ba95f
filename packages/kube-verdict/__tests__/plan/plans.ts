/** Plans that the tests of what a plan looks like render. */
import { loadVerdict } from '../../src/index';
import type { Manifest } from '../../src/index';
import { plan, type PlanOptions } from '../../src/plan/plan';
import type { Plan } from '../../src/plan/plan-types';
import { deployment, service } from '../manifests';

const PROBE = { readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 5 } };
const FROM = { envFrom: [{ configMapRef: { name: 'web' } }] };
const labels = { app: 'worker', tier: 'back' };

/** Something of each kind: refused, down, lost, rolled out, scaled, changed, created. */
export const OLD: readonly Manifest[] = [
  deployment('web', {}, { ...PROBE, ...FROM }),
  deployment('worker'),
  deployment('queue', { replicas: 2 }),
  service('web'),
  service('worker'),
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { colour: 'blue' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, stringData: { key: 'hunter2' } },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web' },
    spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  },
];
export const NEW: readonly Manifest[] = [
  deployment('web', {}, { ...PROBE, ...FROM, image: 'nginx:1.30' }),
  deployment('worker', {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: { containers: [{ name: 'main', image: 'nginx:1.29' }] },
    },
  }),
  deployment('queue', { replicas: 4 }),
  service('web'),
  service('worker', { selector: { app: 'nobody' } }),
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' }, data: { colour: 'green' } },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'web' }, stringData: { key: 'hunter3' } },
  ...OLD.slice(8),
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } },
];

/** A plan made by Kubernetes' own code. */
export async function planOf(
  old: readonly Manifest[],
  now: readonly Manifest[],
  options?: PlanOptions,
): Promise<Plan> {
  await using verdict = await loadVerdict();
  return await plan(verdict, old, now, options);
}

/** A plan with each of its texts made another, but for what says what kind of thing something is. */
export function withTexts(of: Plan, textOf: (text: string) => string): Plan {
  const kinds = new Set([
    'schema',
    'applier',
    'action',
    'code',
    'level',
    'way',
    'moved',
    'relation',
    'strategy',
    'for',
  ]);
  const other = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return kinds.has(key) || key === 'state' ? value : textOf(value);
    if (Array.isArray(value))
      return value.map((item) => other(item, key === 'outcomes' ? 'code' : ''));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, other(one, name)]));
  };
  return other(of, '') as Plan;
}

/** What somebody might call something in order to break out of what shows it. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</code></details></pre></svg></style><h1>owned</h1>',
  '<!-- -->',
  '--> <b>',
  '`code` ```\n```\n# heading',
  '````',
  '| a | b |\n| --- | --- |',
  '> [!TIP]\n> All is well',
  '[link](https://example.com)',
  '![image](https://example.com/x.png)',
  'https://example.com/?q=1',
  'www.example.com',
  '@everyone and @owner/team',
  '#1 and owner/repo#2 and GH-3',
  '**bold** _it_ ~~gone~~ :tada: $x^2$',
  '\\',
  '&lt;b&gt; &#60;',
  '1. first',
  '- item',
  '\r\n::error::owned',
  '::add-mask::x',
  '##[error]owned',
  '"]; click n0 href "https://example.com"; n1["',
  '%%{init: {"securityLevel":"loose"}}%%',
  'end',
  '`" --> n99',
  '\u202etxt.exe\u2066',
  '\u0007\u001b[31mred',
  '\ud800',
  'a'.repeat(400),
];
