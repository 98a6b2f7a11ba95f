import type { Cluster, Completed } from 'local-cluster';

/** A cluster of which kubectl's answers are known: by the first words of its arguments. */
export function clusterThat(
  answers: Readonly<Record<string, Partial<Completed>>>,
  limitations: readonly string[] = [],
): Cluster {
  const absent = () => Promise.reject(new Error('not asked for'));
  return {
    provider: 'kind',
    description: 'a cluster',
    kubeconfig: '/nowhere',
    kubectlPath: 'kubectl',
    env: {},
    runNamespace: undefined,
    standIns: [],
    limitations,
    kubectl: (args) => {
      const words = args.join(' ');
      const known = Object.keys(answers).find((begin) => words.startsWith(begin));
      if (known === undefined) return Promise.reject(new Error(`kubectl ${words}`));
      return Promise.resolve({ code: 0, stdout: '', stderr: '', ...answers[known] });
    },
    load: absent,
    status: absent,
    close: absent,
    down: absent,
  };
}
