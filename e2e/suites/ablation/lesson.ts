/** The lesson's Deployment as it is, beside production: the same events, under the load that it can hash. */
import { type Check, expect } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { deployLoad } from '../../system/load';
import { drain } from '../../system/events';
import { failuresAtRest, hasFailed, underLoad } from '../../system/outcome';
import { nodes } from '../../system/nodes';
import { rolledOut } from '../../system/production';
import { figureOf, row } from './checks';
import type { Event } from './events';

/** Requests per second: the lesson's Deployment hashes at the full cost. */
const RATE = 10;
const DEPLOYMENT = 'deployment/user-service';

async function prepare(context: TestContext): Promise<void> {
  const file = context.file('dist/user-service-deployment.k8s.yaml');
  await context.kubectl(['apply', `--filename=${file}`]);
  await context.apply({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'user' },
    spec: { selector: { name: 'user-service' }, ports: [{ port: 80, targetPort: 10086 }] },
  } as never);
  await deployLoad(context);
  await rolledOut(context, DEPLOYMENT);
  await untilAnswered(context);
}

/** Its Pods count as ready before their databases are. */
async function untilAnswered(context: TestContext): Promise<void> {
  await context.until<boolean>('every request to be answered', async () => {
    const { length } = await failuresAtRest(context, RATE);
    return length === 0 ? { found: true } : { lastSeen: `${length} failed` };
  });
}

const harm: Event['harm'] = ({ requests, lost }) => {
  const failed = requests.filter(hasFailed).length;
  return failed + lost.length > 0 ? `${failed} failed, ${lost.length} accounts lost` : undefined;
};

const EVENTS: readonly Event[] = [
  {
    name: 'node drained',
    run: async (context) => {
      const [, second = ''] = await nodes(context);
      await drain(context, second);
      await context.kubectl(['uncordon', second]);
      await rolledOut(context, DEPLOYMENT);
    },
    harm,
  },
  {
    name: 'image change',
    run: async (context) => {
      // Its images have one version each: a variable rolls out as another image would.
      await context.kubectl(['set', 'env', DEPLOYMENT, 'CHANGED=1', '--containers=user']);
      await rolledOut(context, DEPLOYMENT);
    },
    harm,
  },
];

export const lesson: Check = {
  name: "the lesson's Deployment fails requests, and loses accounts as each Pod has a database of its own",
  how: `${RATE} requests per second through a Service while its second node is drained, and its template changed`,
  prepare,
  run: async (context) => {
    const rows = [];
    for (const event of EVENTS) {
      const outcome = await underLoad(context, () => event.run(context), { rate: RATE });
      rows.push(row(event, outcome, "all: the lesson's Deployment"));
    }
    const figure = figureOf(rows);
    expect(
      rows.every(({ lost }) => lost > 0),
      () => `nothing was lost: ${figure.text}`,
      figure.data,
    );
    return figure;
  },
  fault: {
    what: 'one Pod with one database, which nothing is done to but its drain',
    cluster: async (context) => {
      await context.kubectl(['scale', DEPLOYMENT, '--replicas=1']);
    },
  },
};
