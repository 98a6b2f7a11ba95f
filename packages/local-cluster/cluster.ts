/** `npm run cluster -- up|down|status|load IMAGE…`: exit code 0 done, 1 refused or failed, 2 wrong usage. */
import { parseCommandLine, USAGE, WrongUsage, type Invocation } from './arguments';
import type { Cluster, ClusterSource } from './interface';
import { clusterSource } from './open-cluster';
import { ClusterRefusal } from './refusal';

async function main(argv: readonly string[]): Promise<number> {
  const invocation = parseCommandLine(argv);
  if (invocation.command === 'help') {
    console.log(USAGE);
    return 0;
  }
  return perform(invocation, await clusterSource(invocation.options));
}

async function perform({ command, images }: Invocation, source: ClusterSource): Promise<number> {
  switch (command) {
    case 'up':
      return using(await source.up(), (cluster) => {
        tellHowToUse(cluster);
        return Promise.resolve(0);
      });
    case 'down':
      await source.down();
      return 0;
    case 'load':
      return using(await existing(source), async (cluster) => {
        for (const { image, reference } of await cluster.load(images))
          console.log(`${image} is ${reference} to Pods`);
        return 0;
      });
    case 'status': {
      const cluster = await source.find();
      if (cluster !== undefined) return using(cluster, printStatus);
      console.log(`${source.description}: not up (npm run cluster -- up)`);
      return 1;
    }
    case 'help':
      return 0;
  }
}

async function existing(source: ClusterSource): Promise<Cluster> {
  const cluster = await source.find();
  if (cluster === undefined)
    throw new ClusterRefusal(`${source.description} is not up; npm run cluster -- up`);
  return cluster;
}

async function using(
  cluster: Cluster,
  work: (cluster: Cluster) => Promise<number>,
): Promise<number> {
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
}

async function printStatus(cluster: Cluster): Promise<number> {
  const components = await cluster.status();
  console.log(cluster.description);
  for (const { name, healthy, detail } of components) {
    console.log(`  ${healthy ? 'healthy' : 'NOT OK '}  ${name.padEnd(24)} ${detail}`);
  }
  for (const limit of cluster.limits) console.log(`  limit    ${limit}`);
  for (const standIn of cluster.standIns) console.log(`  stand-in ${standIn}`);
  return components.every(({ healthy }) => healthy) ? 0 : 1;
}

function tellHowToUse({ provider, description, kubeconfig, limits }: Cluster): void {
  if (provider === 'context') console.log(`${description} answers: nothing to bring up`);
  for (const limit of limits) console.log(`note: ${limit}`);
  if (provider === 'node') console.log(`export KUBECONFIG=${kubeconfig}`);
  if (provider === 'kind') console.log('kind export kubeconfig --name user-service-kubernetes');
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof WrongUsage) console.error(`${error.message}\n\n${USAGE}`);
    // A refusal has said all there is to say; a mistake of ours keeps its stack.
    else console.error(error instanceof ClusterRefusal ? error.message : error);
    process.exitCode = error instanceof WrongUsage ? 2 : 1;
  },
);
