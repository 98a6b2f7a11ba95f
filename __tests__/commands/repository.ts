import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from '../../commands/outputs';

const ROOT = join(__dirname, '..', '..');
const SETTINGS = [
  'cdk8s.yaml',
  'package.json',
  'tsconfig.json',
  'tsconfig.main.json',
  'imports',
  'commands',
];
/** What tests change. */
const CHANGED = [
  'main.ts',
  'environments.ts',
  'images.json',
  'lib',
  'dist',
  'services/compose.yaml',
];

/** A copy of this repository in which commands can be run, and break things. */
export class Repository {
  readonly root = mkdtempSync(join(tmpdir(), 'repository-'));
  private readonly pristine = mkdtempSync(join(tmpdir(), 'repository-pristine-'));

  constructor() {
    for (const path of [...SETTINGS, ...CHANGED]) copy(path, ROOT, this.root);
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
    // Tests start from the lesson's images, whatever this repository's catalog has by now.
    const lesson = { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' };
    const catalog = JSON.parse(this.read('images.json')) as Record<string, string>;
    this.write('images.json', `${JSON.stringify({ ...catalog, ...lesson }, null, 2)}\n`);
    // Nor has it what earlier commits configured, which synth would carry over.
    rmSync(join(this.root, 'dist'), { recursive: true });
    const { code, output } = this.run('synth');
    if (code !== 0) {
      // Nobody has it whose it would be to remove.
      this.remove();
      throw new Error(output);
    }
    for (const path of CHANGED) copy(path, this.root, this.pristine);
  }

  /** Undoes every change; what compilers cached stays. */
  restore(): void {
    for (const path of CHANGED) {
      rmSync(join(this.root, path), { recursive: true, force: true });
      copy(path, this.pristine, this.root);
    }
  }

  /** Runs an npm script of the repository, and waits for it. */
  run(script: string, ...args: string[]): { code: number | null; output: string } {
    return this.exec('npm', ['run', '--silent', script, '--', ...args]);
  }

  exec(command: string, args: string[]): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.root,
      encoding: 'utf8',
    });
    return { code: status, output: stdout + stderr };
  }

  /** Starts one of the commands, to go on while the test does other things. */
  start(command: string): ChildProcess {
    return spawn(process.execPath, ['--import', 'tsx', join('commands', command)], {
      cwd: this.root,
    });
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Replaces text that is there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path);
    if (!text.includes(from)) throw new Error(`${path} does not contain ${from}`);
    this.write(path, text.replace(from, to));
  }

  /** Text of the catalog and of every generated file, by path. */
  outputs(): Record<string, string> {
    const files = [
      'images.json',
      'services/compose.yaml',
      ...filesBelow(join(this.root, 'dist')).map((file) => `dist/${file}`),
    ];
    return Object.fromEntries(files.map((file) => [file, this.read(file)]));
  }

  remove(): void {
    for (const folder of [this.root, this.pristine])
      // What an ended command started may still write.
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Lines in which two texts of equally many lines differ, as `from → to`. */
export function changedLines(before: string, after: string): string[] {
  const lines = after.split('\n');
  return before
    .split('\n')
    .flatMap((line, index) =>
      line === lines[index] ? [] : [`${line.trim()} → ${lines[index]?.trim() ?? ''}`],
    );
}

function copy(path: string, from: string, to: string): void {
  cpSync(join(from, path), join(to, path), { recursive: true });
}
