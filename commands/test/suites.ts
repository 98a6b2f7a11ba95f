import { type NeedName, NODE_NEEDS } from './needs';
import {
  countGoTests,
  countJestTests,
  countSummary,
  type Counts,
  goPrinter,
  missedCoverage,
} from './counts';

/** One command that passes or fails, and how many tests it ran. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** What it needs of the machine. @default - Node alone */
  readonly needs?: readonly NeedName[];
  /** Folder to run in, from the root of the repository. @default - the root */
  readonly folder?: string;
  /**
   * Reads how many tests passed and failed from what the command wrote to `report`, or printed.
   *
   * @default - the command is one test
   */
  readonly count?: (report: string, printed: string) => Counts;
  /**
   * Finds in what the command printed, on standard error too, why it failed although none of its tests did.
   *
   * @default - only its exit code is known
   */
  readonly explain?: (printed: string) => readonly string[];
  /** Whether its tests write the servers that they ran against to the file TEST_SERVERS_REPORT. @default false */
  readonly namesServers?: boolean;
  /** Whether it says by itself that it goes on. @default false */
  readonly tellsProgress?: boolean;
  /** Makes a function that says what to show for each line of its output. @default - the line */
  readonly printer?: () => (line: string) => string | undefined;
}

/** With time for a busy machine: after ten minutes, which is Go's own limit, a package of tests that are slow is ended. */
const GO_TEST = ['go', 'test', '-json', '-count=1', '-timeout=1h'] as const;

/** What `npm test` runs. */
export const TESTS: readonly Suite[] = [
  { name: 'types', command: ['npx', 'tsc'] },
  {
    name: 'program',
    needs: ['go', 'git', 'kubectl', 'mysql', 'openssl'],
    command: ['npx', 'jest', '--coverage', '--json', '--outputFile=reports/program.json'],
    count: countJestTests,
    explain: missedCoverage,
  },
  {
    name: 'verdict',
    needs: ['go', 'chromium'],
    folder: 'packages/kube-verdict',
    command: ['npx', 'jest', '--json', '--outputFile=../../reports/verdict.json'],
    count: countJestTests,
  },
  {
    name: 'verdict-go',
    needs: ['go'],
    folder: 'packages/kube-verdict/go',
    command: [...GO_TEST, './...'],
    count: countGoTests,
    printer: goPrinter,
  },
  {
    name: 'service',
    needs: ['go', 'gcc', 'mysql', 'redis'],
    folder: 'services/user',
    command: [...GO_TEST, '-race', './...'],
    count: countGoTests,
    printer: goPrinter,
    namesServers: true,
  },
  {
    name: 'load',
    needs: ['go'],
    folder: 'services/load',
    command: [...GO_TEST, './...'],
    count: countGoTests,
    printer: goPrinter,
  },
];

const IMAGES = ['go', 'buildah', 'mmdebstrap'] as const;
const CONTAINERS = ['podman', 'netavark', 'aardvark-dns', 'iptables', 'runc', 'curl'] as const;

/** What .ci/run runs: `npm test -- --gates`. */
export const GATES: readonly Suite[] = [
  {
    name: 'fresh',
    needs: ['go', 'git', 'mmdebstrap', 'unshare'],
    command: ['node', '--import', 'tsx', 'commands/test/fresh/fresh.ts'],
    count: countSummary,
    tellsProgress: true,
  },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'lint-go', needs: ['go', 'git'], command: ['bash', '.ci/lint-go'] },
  { name: 'drift', needs: ['go', 'git'], command: ['bash', '.ci/drift'] },
  { name: 'module', needs: ['go'], command: ['bash', '.ci/module'] },
  {
    name: 'compose',
    needs: [...IMAGES, ...CONTAINERS, 'python'],
    command: ['bash', '.ci/compose'],
  },
  {
    name: 'images',
    needs: [...IMAGES, ...CONTAINERS, 'python'],
    command: ['bash', 'services/check-images.sh'],
  },
  { name: 'audit', needs: ['go', 'python'], command: ['npm', 'run', '--silent', 'audit'] },
  {
    name: 'alerts',
    needs: ['promtool'],
    command: ['node', '--import', 'tsx', 'commands/test/alerts.ts'],
  },
  {
    name: 'openapi',
    needs: ['go', 'mysql', 'redis', 'python'],
    command: ['bash', 'services/user/schemathesis.sh'],
  },
  {
    name: 'attack',
    needs: ['go', 'mysql', 'redis'],
    folder: 'services/user',
    command: [
      ...(['go', 'test', '-v', '-count=1', '-timeout', '3m'] as const),
      ...['-tags', 'attack', '-run', '^TestAttacks$', './cmd/user'],
    ],
    count: countSummary,
  },
  {
    name: 'e2e',
    needs: [...NODE_NEEDS, ...IMAGES],
    // With the same cases of parity each time: what differs comes from the change, not from the draw.
    command: ['node', '--import', 'tsx', 'e2e/e2e.ts', '--seed', '1'],
    count: countSummary,
  },
  {
    name: 'e2e-self-test',
    needs: [...NODE_NEEDS, ...IMAGES],
    // All of it takes half an hour: one check of each suite, another with each commit.
    command: [
      ...(['node', '--import', 'tsx', 'e2e/e2e.ts'] as const),
      ...['--self-test', '--sample', 'HEAD', '--seed', '1'],
    ],
    count: countSummary,
  },
];
