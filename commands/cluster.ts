/** `npm run cluster -- up|down|status|load IMAGE…`: exit code 0 done, 1 cannot be done or failed, 2 wrong usage. */
import { type Cluster, ClusterError, type ClusterProvider, clusterProvider } from 'local-cluster';
import { parseClusterArguments } from './cluster-arguments';
import { runCommand } from './command';

runCommand(
  async (argv) => {
    const { action, images, options } = parseClusterArguments(argv);
    const provider = await clusterProvider(options);
    switch (action) {
      case 'up':
        return using(await provider.up(), tellHowToUse);
      case 'down':
        return provider.down();
      case 'load':
        return using(await existing(provider), async (cluster) => {
          for (const { image, reference } of await cluster.load(images))
            console.log(`${image} is ${reference} to Pods`);
        });
      case 'status': {
        const cluster = await provider.find();
        if (cluster !== undefined) return using(cluster, printStatus);
        console.log(`${provider.description}: not up (npm run cluster -- up)`);
        process.exitCode = 1;
      }
    }
  },
  [ClusterError],
);

async function existing(provider: ClusterProvider): Promise<Cluster> {
  const cluster = await provider.find();
  if (cluster === undefined)
    throw new ClusterError(`${provider.description} is not up; npm run cluster -- up`);
  return cluster;
}

async function using(
  cluster: Cluster,
  work: (cluster: Cluster) => Promise<void> | void,
): Promise<void> {
  try {
    await work(cluster);
  } finally {
    await cluster.close();
  }
}

async function printStatus(cluster: Cluster): Promise<void> {
  const components = await cluster.status();
  console.log(cluster.description);
  const width = Math.max(...components.map(({ name }) => name.length));
  for (const { name, healthy, detail } of components) {
    console.log(`  ${healthy ? 'healthy   ' : 'NOT OK    '}  ${name.padEnd(width)} ${detail}`);
  }
  for (const limitation of cluster.limitations) console.log(`  limitation  ${limitation}`);
  for (const standIn of cluster.standIns) console.log(`  stand-in    ${standIn}`);
  if (!components.every(({ healthy }) => healthy)) process.exitCode = 1;
}

function tellHowToUse({ provider, description, kubeconfig, limitations }: Cluster): void {
  if (provider === 'context') console.log(`${description} answers: nothing to bring up`);
  for (const limitation of limitations) console.log(`note: ${limitation}`);
  if (provider === 'node') console.log(`export KUBECONFIG=${kubeconfig}`);
  if (provider === 'kind') console.log('kind export kubeconfig --name user-service-kubernetes');
}
