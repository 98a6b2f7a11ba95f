/** The command line of `npm run cluster`. */
import { ADDON_NAMES, type AddonName, type ClusterOptions } from 'local-cluster';
import { parseArguments, UsageError } from './command';

const USAGE = `npm run cluster -- up|down|status|load IMAGE… [options]

  up            bring a cluster up, or what is missing of it
  down          remove the cluster and all that up made
  status        each component as it is now; exit code 1 unless all are healthy
  load IMAGE…   make images of this machine's storage available to Pods

  --context NAME      use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST     where load pushes images for a named context
  --provider NAME     node (built from source) or kind; default: kind where it works, else node
  --nodes 1|2         how many nodes the cluster has after up; default: as many as it has, or 1
  --with NAME,…       what up adds to a node built from source: ${ADDON_NAMES.join(', ')}
  --help              this text`;

const ACTIONS = ['up', 'down', 'status', 'load'] as const;

export interface ClusterArguments {
  readonly action: (typeof ACTIONS)[number];
  /** Of `load`, at least one; otherwise none. */
  readonly images: readonly string[];
  readonly options: Pick<ClusterOptions, 'context' | 'registry' | 'provider' | 'nodes' | 'addons'>;
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
      nodes: { type: 'string' },
      with: { type: 'string' },
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
  const { context, registry, provider, nodes } = values;
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
  if (nodes !== undefined && nodes !== '1' && nodes !== '2') {
    throw wrong(`--nodes must be 1 or 2, got "${nodes}"`);
  }
  if (nodes !== undefined && (action !== 'up' || context !== undefined)) {
    throw wrong(
      `--nodes is for up of a cluster of this machine, got ${context === undefined ? action : '--context'}`,
    );
  }
  const addons = values.with?.split(',').map((name) => addonNamed(name));
  if (addons !== undefined && (action !== 'up' || context !== undefined || provider === 'kind')) {
    throw wrong('--with is for up of a node built from source');
  }
  return {
    action,
    images,
    options: {
      ...(context !== undefined && { context }),
      ...(registry !== undefined && { registry }),
      ...(provider !== undefined && { provider }),
      ...(nodes !== undefined && { nodes: nodes === '1' ? 1 : 2 }),
      ...(addons !== undefined && { addons }),
    },
  };
}

function addonNamed(name: string): AddonName {
  const addon = ADDON_NAMES.find((each) => each === name);
  if (addon === undefined)
    throw wrong(`--with takes ${ADDON_NAMES.join(', ')}, with commas between them, got "${name}"`);
  return addon;
}

function wrong(message: string): UsageError {
  return new UsageError(`${message}\nusage: ${USAGE}`);
}
