import { writeFile } from 'node:fs/promises';
import { planMembers } from '../plan/plan';
import type { Plan } from '../plan/plan-types';
import { textOf } from '../plan/render/text';
import { readSets } from '../plan/sources/read-set';
import { SourceError } from '../plan/sources/source';
import { Reader } from '../reading/reader';
import { Verdict } from '../verdict/verdict';
import { openPool } from '../workers/open-pool';
import { UsageError } from './usage-error';
import { type Output, parsePlanCommand, PLAN_USAGE, type PlanCommand } from './plan-arguments';

const DONE = 0;
const FAILED_ON = 1;
const CANNOT_PLAN = 2;

/** `kube-verdict plan`: the exit code. */
export async function planCommand(args: readonly string[]): Promise<number> {
  let command: PlanCommand | undefined;
  try {
    command = parsePlanCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`kube-verdict: ${error.message}\n\n${PLAN_USAGE}`);
    return CANNOT_PLAN;
  }
  if (command === undefined) {
    process.stdout.write(PLAN_USAGE);
    return DONE;
  }
  const { failOn, outputs } = command;
  try {
    const plans = [await made(command)];
    // All of it is made before any of it is written.
    const texts = outputs.map((output) => rendered(plans, output, command));
    for (const [i, { file }] of outputs.entries()) {
      if (file !== undefined) await writeFile(file, texts[i] ?? '');
    }
    process.stdout.write(texts.filter((_, i) => outputs[i]?.file === undefined).join(''));
    const failed = plans.some(({ outcomes }) =>
      failOn.some((outcome) => outcomes.includes(outcome)),
    );
    return failed ? FAILED_ON : DONE;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    process.stderr.write(
      `${error.message}\nThere is no plan: a part of one would look like a whole.\n`,
    );
    return CANNOT_PLAN;
  }
}

async function made({ paths, applier, nodes, name, from, to }: PlanCommand): Promise<Plan> {
  const pool = await openPool();
  try {
    const reader = new Reader((request) => pool.ask(request));
    const [old = '', now = ''] = paths;
    const [before, after] = await readSets(reader, pool.ready, old, now);
    return await planMembers(new Verdict(await pool.ready, pool), before.members, after.members, {
      applier,
      nodes,
      name,
      from: from ?? before.name,
      to: to ?? after.name,
    });
  } finally {
    pool.close();
  }
}

function rendered(plans: readonly Plan[], { format, file }: Output, command: PlanCommand): string {
  const { verbose } = command;
  switch (format) {
    case 'text': {
      const colour = file === undefined && colours();
      return plans.map((one) => textOf(one, { colour, verbose })).join('\n');
    }
    case 'json':
      return `${JSON.stringify(plans.length === 1 ? plans[0] : plans, null, 2)}\n`;
  }
}

/** https://no-color.org and https://force-color.org */
function colours(): boolean {
  const { NO_COLOR = '', FORCE_COLOR = '' } = process.env;
  if (NO_COLOR !== '') return false;
  return FORCE_COLOR !== '' || process.stdout.isTTY;
}
