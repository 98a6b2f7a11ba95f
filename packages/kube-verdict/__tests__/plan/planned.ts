/** Plans in tests: one verdict for a file of them, the lines that a reader gets, and what is worth rendering. */
import { loadVerdict, plan, type Plan, type PlanOptions, type Verdict } from '../../src';
import { textOf } from '../../src/plan/render/text';
import {
  budget,
  claim,
  configMap,
  deployment,
  ingress,
  secret,
  service,
  serviceAccount,
} from './manifests';

let verdict: Promise<Verdict> | undefined;

beforeAll(() => {
  verdict = loadVerdict();
});
afterAll(async () => {
  await (await verdict)?.close();
});

type Objects = readonly object[];

export async function planned(
  old: Objects,
  now: Objects,
  options: PlanOptions = {},
): Promise<Plan> {
  const manifests = (objects: Objects): Record<string, unknown>[] =>
    objects.map((object) => ({ ...object }));
  return plan(manifests(old), manifests(now), { ...options, verdict: await verdict });
}

/** The text of a plan, as without a terminal. */
export async function text(
  old: Objects,
  now: Objects,
  options: PlanOptions & { readonly verbose?: boolean } = {},
): Promise<string> {
  const { verbose = false, ...rest } = options;
  return textOf(await planned(old, now, rest), { colour: false, verbose });
}

/** What is found, as `code object: message`. */
export function found({ findings }: Plan): string[] {
  return findings.map(({ code, object, message }) => `${code} ${nameOf(object)}: ${message}`);
}

/** `Deployment web: rollout`, for each object. */
export function actions({ objects }: Plan): string[] {
  return objects.map(({ kind, name, action }) => `${kind} ${name}: ${action}`);
}

function nameOf(id: string): string {
  const [, kind = '', , name = ''] = id.split('/');
  return `${kind} ${decodeURIComponent(name)}`;
}

const PROBE = { readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 5 } };
const FROM = { envFrom: [{ configMapRef: { name: 'web' } }] };
const labels = { app: 'worker', tier: 'back' };

/** Something of each kind: refused, down, lost, rolled out, scaled, changed, created. */
export const OLD: readonly object[] = [
  deployment({ container: { ...PROBE, ...FROM } }),
  deployment({ name: 'worker' }),
  deployment({ name: 'queue', spec: { replicas: 2 } }),
  service(),
  service({ app: 'worker' }, 'worker'),
  configMap('web', { data: { colour: 'blue' } }),
  secret('web', { stringData: { key: 'hunter2' } }),
  claim('data'),
  ingress('web', { number: 80 }),
  budget({ minAvailable: 2 }),
];
export const NEW: readonly object[] = [
  deployment({ container: { ...PROBE, ...FROM, image: 'web:2' } }),
  deployment({ name: 'worker', labels }),
  deployment({ name: 'queue', spec: { replicas: 4 } }),
  service(),
  service({ app: 'nobody' }, 'worker'),
  configMap('web', { data: { colour: 'green' } }),
  secret('web', { stringData: { key: 'hunter3' } }),
  ...OLD.slice(8),
  serviceAccount('web'),
];

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
