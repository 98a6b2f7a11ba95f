/**
 * `npm run bench`: prints a JSON array of rows {name, target, measured, unit, met}. Milliseconds are
 * wall-clock, so the machine should have nothing else to do.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadVerdict, type Verdict } from '../src/index';
import { deployment, objects, plainDeployment, service } from './manifests';
import { median, type Row, row } from './rows';

const RUNS = 7;
const OBJECTS = 2_000;
const DEPLOYMENTS = 10_000;

/** Milliseconds that the processes of `RUNS` runs print; the last line of each counts. */
function printed(script: string, args: readonly string[], line: number, cache?: string): number[] {
  return Array.from({ length: RUNS }, () => {
    const env = { ...process.env, ...(cache === undefined ? {} : { XDG_CACHE_HOME: cache }) };
    const out = execFileSync(process.execPath, [join(__dirname, script), ...args], { env });
    if (cache !== undefined) rmSync(join(cache, 'kube-verdict'), { recursive: true, force: true });
    return Number(out.toString().split('\n')[line]);
  });
}

function started(): Row[] {
  const cache = mkdtempSync(join(tmpdir(), 'kube-verdict-bench-'));
  try {
    printed('ready.cjs', [], 0);
    return [
      row('ready, from process start', median(printed('ready.cjs', [], 0)), 'ms', 400),
      row('first judgement, from process start', median(printed('ready.cjs', [], 1)), 'ms'),
      row('ready with an empty cache', median(printed('ready.cjs', [], 0, cache)), 'ms'),
    ];
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** Median time of one question after another on one worker. */
async function each(count: number, ask: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await ask(i);
    times.push(performance.now() - start);
  }
  return median(times.slice(Math.floor(count / 10)));
}

async function asked(verdict: Verdict, name: string): Promise<Row[]> {
  const mixed = objects(OBJECTS);
  const before = deployment('web');
  const after = (i: number) => deployment('web', `registry.example/shop/web:2.${i}`);
  return [
    row(
      `create, median of Deployments and Services${name}`,
      await each(OBJECTS, (i) => verdict.create(mixed[i] ?? {})),
      'ms',
      0.25,
    ),
    row(
      `create, median of Deployments${name}`,
      await each(500, () => verdict.create(before)),
      'ms',
    ),
    row(
      `create, median of Services${name}`,
      await each(500, () => verdict.create(service('a'))),
      'ms',
    ),
    row(
      `client-side apply, median of Deployments${name}`,
      await each(300, (i) => verdict.apply(before, after(i))),
      'ms',
      2,
    ),
    row(
      `server-side apply, median of Deployments${name}`,
      await each(300, (i) => verdict.apply(before, after(i), { serverSide: true })),
      'ms',
      3,
    ),
  ];
}

function many(folder: string): Row[] {
  const json = join(folder, 'objects.json');
  const yaml = join(folder, 'objects.yaml');
  writeFileSync(json, JSON.stringify(objects(OBJECTS)));
  writeFileSync(
    yaml,
    objects(OBJECTS)
      .map((object) => stringify(object))
      .join('---\n'),
  );
  const rows = [
    row('2,000 objects, from process start', median(printed('many.cjs', [json], 0)), 'ms', 1_000),
  ];
  const bin = join(__dirname, '..', 'bin', 'kube-verdict.js');
  rows.push(
    row(
      'kube-verdict check, 2,000 objects of YAML',
      timed(process.execPath, [bin, 'check', yaml]),
      'ms',
    ),
  );
  return rows;
}

/** Deployments in files of their own, and the same with every tenth image changed. */
function large(folder: string): Row[] {
  for (const side of ['old', 'new']) {
    mkdirSync(join(folder, side));
    for (let i = 0; i < DEPLOYMENTS; i++) {
      const image = side === 'new' && i % 10 === 0 ? 'registry.example/shop/web:2.0.0' : undefined;
      writeFileSync(join(folder, side, `${i}.yaml`), plainDeployment(`web-${i}`, image));
    }
  }
  const [old, now] = [join(folder, 'old'), join(folder, 'new')];
  return [
    ...peakAndTime('check, 10,000 Deployments of YAML', ['check', old], 3_000),
    ...peakAndTime('diff, 10,000 Deployments, 10 % changed', ['diff', old, now], 5_000),
  ];

  function peakAndTime(name: string, args: readonly string[], target: number): Row[] {
    const peak = join(folder, 'peak');
    const bin = join(__dirname, '..', 'bin', 'kube-verdict.js');
    const start = performance.now();
    execFileSync(process.execPath, ['--require', join(__dirname, 'peak.cjs'), bin, ...args], {
      stdio: 'ignore',
      env: { ...process.env, PEAK_FILE: peak },
    });
    return [
      row(`kube-verdict ${name}`, performance.now() - start, 'ms', target),
      row('… at most so much memory', Number(readFileSync(peak, 'utf8')) / 1024, 'MB', 300),
    ];
  }
}

function timed(command: string, args: readonly string[]): number {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    execFileSync(command, args, { stdio: 'ignore' });
    times.push(performance.now() - start);
  }
  return median(times);
}

export async function bench(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-verdict-bench-'));
  try {
    await using verdict = await loadVerdict({ workers: 1 });
    await using optimized = await loadVerdict({ workers: 1, optimize: true });
    const size = statSync(join(__dirname, '..', 'module', 'verdict.wasm.br')).size;
    return [
      ...started(),
      ...(await asked(verdict, '')),
      ...(await asked(optimized, ', optimized')),
      ...many(folder),
      ...large(folder),
      row('module, compressed', size / 1e6, 'MB', 5.5),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  void bench().then((rows) => {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  });
}
