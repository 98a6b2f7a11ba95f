/** `npm run bench`: what was hoped for, what was measured, met or missed. It judges nothing: exit 0. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArguments, runCommand, UsageError } from '../commands/command';
import { ClusterError, Steps } from 'local-cluster';
import type { Row } from './measure';
import { microserviceRows } from './microservice-scale';
import { buildPeers, peerRows } from './peers';
import { planRows } from './plan';
import { scaleRows } from './scale';
import { serviceRows } from './service';
import { synthesisRows } from './synthesis';
import { verdictRows } from './verdict';

interface Section {
  readonly title: string;
  readonly rows: (folder: string) => Row[] | Promise<Row[]>;
}

const SECTIONS: Readonly<Record<string, Section>> = {
  synthesis: { title: 'Synthesis', rows: synthesisRows },
  scale: {
    title: 'Scale: a chart of a Deployment and a Service for each service',
    rows: scaleRows,
  },
  microservices: { title: 'Microservices: all that belongs to each', rows: microserviceRows },
  verdicts: { title: 'Verdicts', rows: verdictRows },
  plan: { title: 'Plans', rows: planRows },
  peers: { title: 'Peers: 1,000 services, a Deployment and a Service each', rows: peerRows },
  service: { title: 'Service', rows: serviceRows },
};

const NAMES = Object.keys(SECTIONS).join(', ');

const USAGE = `npm run bench [-- [options] SECTION…]

  SECTION…   these of ${NAMES}; without any, all
  --peers    first build kustomize, helm, kubeconform, kubectl-validate and dyff at pinned versions from their Go modules,
             into \${XDG_CACHE_HOME:-~/.cache}/user-service-kubernetes; from then on they are compared with
  --help     this text

exit code: 0 whatever was measured, 1 a section failed, 2 wrong usage`;

runCommand(
  async (argv) => {
    const { positionals, values } = parseArguments(argv, {
      usage: USAGE,
      options: { peers: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const sections = (positionals.length > 0 ? positionals : Object.keys(SECTIONS)).map((name) => {
      const section = SECTIONS[name];
      if (section !== undefined) return section;
      throw new UsageError(`${name}: no such section; there are ${NAMES}\nusage: ${USAGE}`);
    });
    if (values.peers) await buildPeers(new Steps(console.log));
    const [cpu] = cpus();
    console.log(
      `Medians; Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown processor'}`,
    );
    for (const section of sections) await measure(section);
  },
  [ClusterError],
);

async function measure({ title, rows }: Section): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    console.log(`\n${title}`);
    for (const row of await rows(folder)) console.log(describe(row));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describe({ name, target = '', measured, met }: Row): string {
  const verdict = met === undefined ? '' : met ? 'met' : 'missed';
  return `  ${name.padEnd(50)} ${target.padEnd(16)} ${measured.padEnd(14)} ${verdict}`.trimEnd();
}
