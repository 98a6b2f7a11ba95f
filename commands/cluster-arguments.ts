/** The command line of `npm run cluster`. */
import type { ClusterOptions } from 'local-cluster';
import { parseArguments, UsageError } from './command';

const USAGE = `npm run cluster -- up|down|status|load IMAGE… [options]

  up            bring a cluster up, or what is missing of it
  down          remove the cluster and all that up made
  status        each component as it is now; exit code 1 unless all are healthy
  load IMAGE…   make images of this machine's storage available to Pods

  --context NAME      use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST     where load pushes images for a named context
  --provider NAME     node (built from source) or kind; default: kind where it works, else node
  --help              this text`;

const ACTIONS = ['up', 'down', 'status', 'load'] as const;

export interface ClusterArguments {
  readonly action: (typeof ACTIONS)[number];
  /** Of `load`, at least one; otherwise none. */
  readonly images: readonly string[];
  readonly options: Pick<ClusterOptions, 'context' | 'registry' | 'provider'>;
}

/** @throws {UsageError} saying which word is wrong. */
export function parseClusterArguments(argv: readonly string[]): ClusterArguments {
  const { values, positionals } = parseArguments(argv, {
    usage: USAGE,
    allowPositionals: true,
    options: {
      context: { type: 'string' },
      registry: { type: 'string' },
      provider: { type: 'string' },
    },
  });
  const [word, ...images] = positionals;
  const action = ACTIONS.find((each) => each === word);
  if (action === undefined) {
    throw wrong(
      `the command must be one of ${ACTIONS.join(', ')}, got ${word === undefined ? 'none' : `"${word}"`}`,
    );
  }
  if (action === 'load' && images.length === 0)
    throw wrong('load needs at least one image name, got none');
  if (action !== 'load' && images.length > 0) {
    throw wrong(`${action} takes no further words, got "${images.join(' ')}"`);
  }
  const { context, registry, provider } = values;
  for (const [name, value] of Object.entries({ context, registry })) {
    if (value === '') throw wrong(`--${name} must not be empty`);
  }
  if (provider !== undefined && provider !== 'node' && provider !== 'kind') {
    throw wrong(`--provider must be node or kind, got "${provider}"`);
  }
  if (provider !== undefined && context !== undefined) {
    throw wrong(
      '--provider chooses a cluster of this machine, and --context names another; give one of them',
    );
  }
  return {
    action,
    images,
    options: {
      ...(context !== undefined && { context }),
      ...(registry !== undefined && { registry }),
      ...(provider !== undefined && { provider }),
    },
  };
}

function wrong(message: string): UsageError {
  return new UsageError(`${message}\nusage: ${USAGE}`);
}
