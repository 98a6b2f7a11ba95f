/** Jobs that are made of CronJobs by hand. */
import type { TestContext } from '../harness/test-context';

/** Milliseconds: one that fails is tried three times, with growing pauses. */
const ENDED_TIMEOUT = 300_000;

export interface EndedJob {
  readonly succeeded: boolean;
  /** What the containers of all its Pods wrote. */
  readonly log: string;
}

interface Container {
  readonly name: string;
  command?: string[];
}

interface Job {
  readonly spec: {
    backoffLimit?: number;
    readonly template: { readonly spec: { initContainers?: Container[]; containers: Container[] } };
  };
}

/** `kubectl create job --from=cronjob/…`, and waits until it ends, whichever way. */
export async function runCronJob(
  context: TestContext,
  cronJob: string,
  name: string,
): Promise<EndedJob> {
  await context.kubectl(['create', 'job', name, `--from=cronjob/${cronJob}`]);
  return ended(context, name);
}

/**
 * Runs a shell script in one container of a CronJob, with all that this one has.
 *
 * @returns what it wrote. @throws {Error} with that, where it fails.
 */
export async function inContainerOf(
  context: TestContext,
  { cronJob, container, name }: Readonly<Record<'cronJob' | 'container' | 'name', string>>,
  script: string,
): Promise<string> {
  const { stdout } = await context.kubectl([
    ...['create', 'job', name, `--from=cronjob/${cronJob}`, '--dry-run=client', '--output=json'],
  ]);
  const job = JSON.parse(stdout) as Job;
  const { spec } = job.spec.template;
  const one = [...(spec.initContainers ?? []), ...spec.containers].find(
    (of) => of.name === container,
  );
  if (one === undefined) throw new Error(`the CronJob ${cronJob} has no container ${container}`);
  one.command = ['sh', '-c', script];
  delete spec.initContainers;
  spec.containers = [one];
  job.spec.backoffLimit = 0;
  await context.kubectl(['create', '--filename=-'], { input: JSON.stringify(job) });
  const { succeeded, log } = await ended(context, name);
  if (!succeeded) throw new Error(`the Job ${name} failed: ${log}`);
  return log;
}

async function ended(context: TestContext, name: string): Promise<EndedJob> {
  const succeeded = await context.until<boolean>(
    `the Job ${name} to end`,
    async () => {
      const { status } = await context.get<{ status: JobStatus }>(`job/${name}`);
      const { type } =
        status.conditions?.find(
          ({ type, status }) => /^(?:Complete|Failed)$/.test(type) && status === 'True',
        ) ?? {};
      return type === undefined
        ? { lastSeen: `${status.active ?? 0} active, ${status.failed ?? 0} failed` }
        : { found: type === 'Complete' };
    },
    ENDED_TIMEOUT,
  );
  const { stdout } = await context.kubectl([
    ...['logs', `--selector=job-name=${name}`, '--all-containers', '--tail=-1'],
  ]);
  return { succeeded, log: stdout.trim() };
}

interface JobStatus {
  readonly active?: number;
  readonly failed?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}
