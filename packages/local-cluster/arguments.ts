/** The command line of `npm run cluster`. */
import { parseArgs } from 'node:util';
import type { ClusterOptions } from './interface';

export const USAGE = `usage: npm run cluster -- up|down|status|load IMAGE… [options]

  up            bring a cluster up, or what is missing of it
  down          remove the cluster and all that up made
  status        each component as it is now; exit code 1 unless all are healthy
  load IMAGE…   make images of this machine's storage available to Pods

  --context NAME      use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST     where load pushes images for a named context
  --provider NAME     node (built from source) or kind; default: kind where it works, else node
  --help              this text`;

const COMMANDS = ['up', 'down', 'status', 'load'] as const;
export type Command = (typeof COMMANDS)[number];

export interface Invocation {
  readonly command: Command | 'help';
  /** Of `load`, at least one; otherwise none. */
  readonly images: readonly string[];
  readonly options: Pick<ClusterOptions, 'context' | 'registry' | 'provider'>;
}

/** The command line is not one that {@link USAGE} describes: exit code 2. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** @throws {WrongUsage} saying which word is wrong. */
export function parseCommandLine(argv: readonly string[]): Invocation {
  const { values, positionals } = parse(argv);
  if (values.help === true) return { command: 'help', images: [], options: {} };
  const [word, ...images] = positionals;
  const command = COMMANDS.find((each) => each === word);
  if (command === undefined) {
    throw new WrongUsage(
      `the command must be one of ${COMMANDS.join(', ')}, got ${word === undefined ? 'none' : `"${word}"`}`,
    );
  }
  if (command === 'load' && images.length === 0)
    throw new WrongUsage('load needs at least one image name, got none');
  if (command !== 'load' && images.length > 0) {
    throw new WrongUsage(`${command} takes no further words, got "${images.join(' ')}"`);
  }
  const { context, registry, provider } = values;
  for (const [name, value] of Object.entries({ context, registry })) {
    if (value === '') throw new WrongUsage(`--${name} must not be empty`);
  }
  if (provider !== undefined && provider !== 'node' && provider !== 'kind') {
    throw new WrongUsage(`--provider must be node or kind, got "${provider}"`);
  }
  if (provider !== undefined && context !== undefined) {
    throw new WrongUsage(
      '--provider chooses a cluster of this machine, and --context names another; give one of them',
    );
  }
  return {
    command,
    images,
    options: {
      ...(context !== undefined && { context }),
      ...(registry !== undefined && { registry }),
      ...(provider !== undefined && { provider }),
    },
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        context: { type: 'string' },
        registry: { type: 'string' },
        provider: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
}
