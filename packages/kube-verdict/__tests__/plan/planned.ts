/** Plans in tests: one verdict for a file of them, and the lines that a reader gets. */
import { loadVerdict, plan, type Plan, type PlanOptions, type Verdict } from '../../src';
import { textOf } from '../../src/plan/render/text';

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
