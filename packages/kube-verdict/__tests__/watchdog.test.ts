import { BlockingWorker } from '../src/workers/blocking-worker';
import { judgementOf } from '../src/verdict/judgement-of';
import { loadVerdict } from '../src/index';
import { createRequest } from '../src/verdict/request';
import { packageSource } from '../src/module/package-module';
import { ThreadStarter } from '../src/workers/thread';
import { pod, podWithVariables } from './manifests';
import { misbehavingModule } from './modules';

const fine = { kind: 'Fine' };
const loop = { kind: 'Loop' };
const trap = { kind: 'Trap' };

function text(manifest: object): string {
  const prepared = createRequest(manifest);
  if ('answer' in prepared) throw new Error('not a request');
  return prepared.request;
}

describe('the watchdog', () => {
  it('gives up a manifest that takes too long, and judges those around it', async () => {
    await using verdict = await loadVerdict({ timeout: 2_000, workers: 1 });
    // Kubernetes' own three-way merge takes seconds for thousands of variables.
    const started = performance.now();
    const [before, slow, after] = await Promise.all([
      verdict.create(pod('before')),
      verdict.apply(podWithVariables(9_000, 'a'), podWithVariables(9_000, 'b')),
      verdict.create(pod('after')),
    ]);
    expect(before.accepted).toBe(true);
    expect(slow).toEqual({
      accepted: null,
      errors: [],
      warnings: ['not judged: gave up after 2 s'],
      podErrors: [],
    });
    expect(after.accepted).toBe(true);
    expect(performance.now() - started).toBeLessThan(300_000);
  });

  it('gives up every manifest that never ends, and none that does', async () => {
    await using verdict = await loadVerdict({
      module: misbehavingModule(),
      timeout: 1_000,
      workers: 2,
    });
    const manifests = Array.from({ length: 300 }, (_, i) => (i % 100 === 50 ? loop : fine));
    const judgements = await Promise.all(manifests.map((m) => verdict.create(m)));
    judgements.forEach(({ accepted, warnings }, i) => {
      expect(accepted).toBe(i % 100 === 50 ? null : true);
      if (i % 100 === 50) expect(warnings).toEqual(['not judged: gave up after 1 s']);
    });
  });

  it('waits longer where the machine has no processor to spare, and not for ever', async () => {
    await using verdict = await loadVerdict({ module: misbehavingModule(), timeout: 100 });
    const usage = jest.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
    const started = performance.now();
    const { accepted } = await verdict.create(loop);
    usage.mockRestore();
    expect(accepted).toBeNull();
    expect(performance.now() - started).toBeGreaterThan(1_000);
  });

  it('starts a module again that broke, and says which manifest broke it', async () => {
    await using verdict = await loadVerdict({ module: misbehavingModule(), workers: 1 });
    const judgements = await Promise.all([fine, trap, trap, fine].map((m) => verdict.create(m)));
    expect(judgements.map((j) => j.accepted)).toEqual([true, null, null, true]);
    expect(judgements[1]?.warnings).toEqual([
      "not judged: Kubernetes' code broke on it: unreachable",
    ]);
  });
});

it('hears why a worker has ended, even where its end is heard of first', async () => {
  const source = { kind: 'bytes', bytes: new Uint8Array(), sha256: '', optimize: false } as const;
  const thread = new ThreadStarter(source).start();
  // Nobody listens to its port yet.
  thread.port.ref();
  const reason = await new Promise<string>((resolve) => {
    thread.onLost(resolve);
  });
  thread.end();
  expect(reason).toMatch(/neither WebAssembly nor a whole brotli file/);
});

describe('the watchdog of a caller that waits', () => {
  it('waits longer where the machine has no processor to spare, and not for ever', () => {
    const worker = new BlockingWorker({ kind: 'compiled', module: misbehavingModule() }, 100);
    const usage = jest.spyOn(process, 'cpuUsage').mockReturnValue({ user: 0, system: 0 });
    const started = performance.now();
    const [judgement] = worker.ask([text(loop)]).map(judgementOf);
    usage.mockRestore();
    expect(judgement?.accepted).toBeNull();
    expect(performance.now() - started).toBeGreaterThan(1_000);
  });

  it('gives up a manifest that takes too long, and judges those around it', () => {
    const worker = new BlockingWorker(packageSource(), 2_000);
    const slow = `{"op":"apply","old":${JSON.stringify(podWithVariables(9_000, 'a'))},"new":${JSON.stringify(podWithVariables(9_000, 'b'))}}`;
    const judgements = worker.ask([text(pod('before')), slow, text(pod('after'))]).map(judgementOf);
    expect(judgements.map((j) => j.accepted)).toEqual([true, null, true]);
    expect(judgements[1]?.warnings).toEqual(['not judged: gave up after 2 s']);
  });

  it('gives up what never ends and what breaks the module', () => {
    const worker = new BlockingWorker({ kind: 'compiled', module: misbehavingModule() }, 1_000);
    const judgements = worker.ask([fine, loop, trap, fine, loop].map(text)).map(judgementOf);
    expect(judgements.map((j) => j.accepted)).toEqual([true, null, null, true, null]);
  });

  it('answers many in the order of their requests, from several threads, whatever one of them meets', () => {
    const worker = new BlockingWorker({ kind: 'compiled', module: misbehavingModule() }, 500, 3);
    const requests = Array.from({ length: 1600 }, (_, i) => {
      if (i === 5 || i === 1599) return loop;
      return i % 300 === 200 ? trap : fine;
    });
    const judgements = worker.ask(requests.map(text)).map(judgementOf);
    expect(judgements.map((j) => j.accepted)).toEqual(
      requests.map((request) => (request === fine ? true : null)),
    );
    expect(worker.ask([fine, trap, fine].map(text)).map(judgementOf)).toMatchObject([
      { accepted: true },
      { accepted: null },
      { accepted: true },
    ]);
  });
});
