import { writeFile } from 'node:fs/promises';
import { neighboursOf } from '../plan/neighbours';
import { planMembers } from '../plan/plan';
import type { Plan } from '../plan/plan-types';
import { saysAnything } from '../plan/render/entries';
import { type TextOptions, textOf } from '../plan/render/text';
import { environmentsOf } from '../plan/sources/environments';
import { OnceReader } from '../reading/once-reader';
import { readSets } from '../plan/sources/read-set';
import { SourceError } from '../plan/sources/source';
import { toJson } from '../verdict/to-json';
import { Verdict } from '../verdict/verdict';
import { openPool } from '../workers/open-pool';
import { writeFailure } from './output';
import { printable } from '../words/printable';
import { UsageError } from './usage-error';
import { type Output, parsePlanCommand, PLAN_USAGE, type PlanCommand } from './plan-arguments';

const DONE = 0;
const FAILED_ON = 1;
const CANNOT_PLAN = 2;
/** Milliseconds that one object may take: a plan without it is worth less than a plan that comes late. */
const PATIENCE = 30_000;

/** `kube-verdict plan`: the exit code. */
export async function planCommand(args: readonly string[]): Promise<number> {
  let command: PlanCommand | undefined;
  try {
    command = parsePlanCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${printable(`kube-verdict: ${error.message}`)}\n\n${PLAN_USAGE}`);
    return CANNOT_PLAN;
  }
  if (command === undefined) {
    process.stdout.write(PLAN_USAGE);
    return DONE;
  }
  const { failOn, outputs } = command;
  try {
    const plans = command.read ? await read(command) : await made(command);
    // All of it is made before any of it is written.
    const texts = await Promise.all(outputs.map((output) => rendered(plans, output, command)));
    for (const [i, { file }] of outputs.entries()) {
      if (file !== undefined) await write(file, texts[i] ?? '');
    }
    process.stdout.write(texts.filter((_, i) => outputs[i]?.file === undefined).join(''));
    const failed = plans.some(({ outcomes }) =>
      failOn.some((outcome) => outcomes.includes(outcome)),
    );
    return failed ? FAILED_ON : DONE;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    // It may name files and fields as somebody else did.
    const lines = error.message.split('\n').map(printable);
    lines.push('There is no plan: a part of one would look like a whole.', '');
    process.stderr.write(lines.join('\n'));
    return CANNOT_PLAN;
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Error(writeFailure(error as NodeJS.ErrnoException, file), { cause: error });
  }
}

async function made(command: PlanCommand): Promise<Plan[]> {
  const { paths, applier, nodes, name, from, to, environments } = command;
  const pool = await openPool({ timeout: PATIENCE });
  try {
    const [old = '', now = ''] = paths;
    const [before, after] = await readSets(
      new OnceReader((request) => pool.ask(request)),
      pool.ready,
      old,
      now,
    );
    const verdict = new Verdict(await pool.ready, pool);
    const sets = environments ? environmentsOf(before, after) : [{ name, before, after }];
    const beside = neighboursOf(
      sets.map((set) => ({ before: set.before.members, after: set.after.members })),
      verdict,
    );
    return await Promise.all(
      sets.map((set, i) =>
        planMembers(
          verdict,
          set.before.members,
          set.after.members,
          {
            applier,
            nodes,
            name: set.name,
            from: from ?? set.before.name,
            to: to ?? set.after.name,
          },
          beside[i],
        ),
      ),
    );
  } finally {
    pool.close();
  }
}

async function read({ paths }: PlanCommand): Promise<Plan[]> {
  const { plansIn } = await import('../plan/sources/plans.js');
  return plansIn(paths);
}

async function rendered(
  plans: readonly Plan[],
  { format, file }: Output,
  { verbose, marker }: PlanCommand,
): Promise<string> {
  switch (format) {
    case 'text': {
      const colour = file === undefined && colours();
      return texts(plans, { colour, verbose });
    }
    case 'json':
      return jsonOf(plans.length === 1 ? plans[0] : plans);
    case 'markdown': {
      const { markdownOf } = await import('../plan/render/markdown.js');
      return markdownOf(plans, { marker });
    }
    case 'html': {
      const { pageOf } = await import('../plan/render/page/page.js');
      return pageOf(plans);
    }
  }
}

/** Of several environments those in which something changes. */
function texts(plans: readonly Plan[], options: TextOptions): string {
  const changed = plans.filter((plan) => plans.length === 1 || saysAnything(plan));
  const same = plans.length - changed.length;
  const rest =
    same === 0
      ? []
      : [`nothing changes in ${same === 1 ? '1 environment' : `${same} environments`}\n`];
  return [...rest, ...changed.map((one) => textOf(one, options))].join('\n');
}

/** Where a log of GitHub's shows it, `##[` would begin a command. */
function jsonOf(value: unknown): string {
  return `${toJson(value, 2).replaceAll('##[', '\\u0023#[')}\n`;
}

/** https://no-color.org and https://force-color.org */
function colours(): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '' } = process.env;
  if (NO_COLOR !== '') return false;
  return FORCE_COLOR !== '' || process.stdout.isTTY;
}
