/**
 * `npm run picture`: edits a copy of the repository, and draws what commands say of it; and draws what the protections of
 * production were measured to be worth.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CommandError, parseArguments, runCommand } from './command';
import { type ProtectionRow, type Protections, protectionsSvg } from './protections-svg';
import { type Printed, type SourceLine, terminalSvg } from './terminal-svg';

/** Files and folders that a synthesis reads or compares with. */
const SOURCES = [
  ...[
    'cdk8s.yaml',
    'package.json',
    'tsconfig.json',
    'tsconfig.main.json',
    'main.ts',
    'environments.ts',
    'images.json',
  ],
  ...['imports', 'lib', 'commands', 'dist', 'services/compose.yaml'],
];

interface Picture {
  /** Of the file that it is written to. */
  readonly name: string;
  readonly title: string;
  /** What is edited: a line is added below the first that matches, or put in its place. */
  readonly file: string;
  readonly match: RegExp;
  readonly line: string;
  readonly replaces: boolean;
  readonly command: readonly string[];
  /** How the command ends, and what it has to say for the picture to show what it is for. */
  readonly status: number;
  readonly says: string;
  readonly colour: (line: string, index: number) => Printed['colour'];
}

const PICTURES: readonly Picture[] = [
  {
    name: 'rejected-edit.svg',
    title: 'A wrong edit of main.ts, and what npm run synth says of it',
    file: 'main.ts',
    match: /^ *replicas: \d+,$/,
    // A rollout that may neither add a Pod nor take one away.
    line: "    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },",
    replaces: false,
    command: ['npm', 'run', '--silent', 'synth'],
    status: 1,
    says: 'validation error',
    colour: (_, index) => (index === 0 ? 'red' : 'text'),
  },
  {
    name: 'plan.svg',
    title: 'An edit of images.json, and what npm run plan says that it will do',
    file: 'images.json',
    match: /^ {2}"redis": /,
    line: '  "redis": "redis:7.4",',
    replaces: true,
    command: ['npm', 'run', '--silent', 'plan'],
    status: 0,
    says: '1 rollout (never fewer than',
    colour: (line) =>
      line.includes('downtime') ? 'red' : line.startsWith('    ') ? 'faint' : 'text',
  },
];

/** What the picture of the protections is drawn from. */
const FIGURES = 'docs/protections.json';

/** As far as it is read of what e2e reports. */
interface Report {
  readonly cluster: string;
  readonly standIns: readonly string[];
  readonly results: readonly {
    readonly suite: string;
    readonly check: string;
    readonly outcome: string;
    readonly data?: readonly ProtectionRow[];
  }[];
}

/** Lines of a file that are shown above and below an edit. */
const AROUND = 3;

runCommand((argv) => {
  const { folder, report } = parseArguments(argv, {
    usage: `npm run picture [-- --folder FOLDER] [--report FILE]

  --folder FOLDER   where the pictures go (docs)
  --report FILE     a report of npm run e2e -- --only ablation: its figures go to ${FIGURES} first`,
    options: { folder: { type: 'string', default: 'docs' }, report: { type: 'string' } },
  }).values;
  if (report !== undefined) writeFileSync(FIGURES, figuresOf(report));
  const copy = mkdtempSync(join(tmpdir(), 'picture-'));
  const remove = () => {
    rmSync(copy, { recursive: true, force: true });
  };
  process.once('exit', remove);
  for (const path of SOURCES) cpSync(path, join(copy, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  commit(copy);

  for (const picture of PICTURES) {
    const file = join(folder, picture.name);
    writeFileSync(file, draw(picture, copy));
    console.log(`wrote ${file}`);
  }
  if (!existsSync(FIGURES)) return;
  const file = join(folder, 'protections.svg');
  writeFileSync(file, protectionsSvg(JSON.parse(readFileSync(FIGURES, 'utf8')) as Protections));
  console.log(`wrote ${file}`);
});

/** What ablation found, from the report of all that was run with it. */
function figuresOf(file: string): string {
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const results = report.results.filter(({ suite }) => suite === 'ablation');
  const rows = results.flatMap(({ data = [] }) => data);
  const without = results.filter(({ data }) => data === undefined).map(({ check }) => check);
  if (rows.length === 0 || without.length > 0) {
    const found = rows.length === 0 ? 'none' : `none of "${without.join('", "')}"`;
    throw new CommandError(
      `${file} must have the figures of every check of ablation; it has ${found}; run npm run e2e -- --only ablation`,
    );
  }
  const figures: Protections = {
    basis: [`Measured on ${report.cluster}.`, ...report.standIns.map((one) => `Stand-in: ${one}.`)],
    rows: rows.map((row) => ({
      ...(row.without !== undefined && { without: row.without }),
      event: row.event,
      ...(row.harm !== undefined && { harm: row.harm }),
      requests: row.requests,
      failed: row.failed,
      secondsAway: row.secondsAway,
      ...(row.raced !== undefined && { raced: row.raced }),
      lost: row.lost,
      accounts: row.accounts,
    })),
  };
  return `${JSON.stringify(figures, undefined, 2)}\n`;
}

/** What a plan starts from: the manifests as they are without the edit. */
function commit(copy: string): void {
  const identity = ['-c', 'user.name=picture', '-c', 'user.email=picture@example.com'];
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', 'dist'],
    [...identity, 'commit', '--quiet', '-m', 'The manifests'],
  ]) {
    const { status, stderr } = spawnSync('git', args, { cwd: copy, encoding: 'utf8' });
    if (status !== 0) throw new CommandError(`git ${args.join(' ')} failed: ${stderr}`);
  }
}

function draw(picture: Picture, copy: string): string {
  const { file, match, line, replaces } = picture;
  const before = readFileSync(file, 'utf8');
  const lines = before.split('\n');
  const at = lines.findIndex((one) => match.test(one));
  if (at < 0) throw new CommandError(`${file} must have a line that matches ${match.source}`);
  const edited = lines.toSpliced(replaces ? at : at + 1, replaces ? 1 : 0, line);
  writeFileSync(join(copy, file), edited.join('\n'));

  const [program = '', ...args] = picture.command;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  writeFileSync(join(copy, file), before);
  if (status !== picture.status || !(stdout + stderr).includes(picture.says)) {
    throw new CommandError(
      `the edit for ${picture.name} must end with ${picture.status} and say ${picture.says}; exit ${status}: ${stdout}${stderr}`,
    );
  }
  const above = lines.slice(0, replaces ? at : at + 1);
  const source: SourceLine[] = [
    ...above.map((text, i): SourceLine => ({ number: i + 1, text, sign: ' ' })).slice(-AROUND),
    ...(replaces ? [{ number: at + 1, text: lines[at] ?? '', sign: '-' as const }] : []),
    { number: above.length + 1, text: line, sign: '+' },
    ...statementEnd(lines.slice(at + 1), line).map((text, i): SourceLine => ({
      number: above.length + 2 + i,
      text,
      sign: ' ',
    })),
  ];
  // What a command has done goes to one stream, what it could not do to the other.
  const printed = picture.status === 0 ? stdout : stdout + stderr;
  return terminalSvg({
    title: picture.title,
    file,
    source,
    command: picture.command.join(' '),
    printed: printed
      .trimEnd()
      .split('\n')
      .map((text, index) => ({ text, colour: picture.colour(text, index) })),
  });
}

/** Of the lines below an edit those to the end of its statement, which is set in less. */
function statementEnd(below: readonly string[], edit: string): string[] {
  const indentation = (text: string) => text.length - text.trimStart().length;
  const end = below.findIndex((text) => indentation(text) < indentation(edit));
  return below.slice(0, Math.min(AROUND, end + 1));
}
