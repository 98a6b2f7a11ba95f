import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Journal } from '../../node/journal';
import { bootId } from '../../process-identity';
import {
  formatState,
  parseState,
  readState,
  writeState,
  type RecordedState,
} from '../../node/state';
import { ClusterError } from '../../cluster-error';

const FILE = 'state.json';
const NOTHING: RecordedState = {
  bootId: 'b',
  nodes: 1,
  addons: [],
  processes: {},
  settings: {},
  folders: [],
};
const EMPTY = { version: 2, ...NOTHING };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const key = fc.stringMatching(/^[a-z][a-z/-]{0,12}$/);
const state: fc.Arbitrary<RecordedState> = fc.record({
  bootId: fc.uuid(),
  nodes: fc.constantFrom(1 as const, 2 as const),
  addons: fc.array(fc.string()),
  processes: fc.dictionary(
    key,
    fc.record({
      pid: fc.integer({ min: 2, max: 4_194_304 }),
      startTime: fc.nat().map(String),
      bootId: fc.uuid(),
      command: fc.array(fc.string()),
    }),
    { noNullPrototype: true },
  ),
  settings: fc.dictionary(key, fc.record({ before: fc.string(), after: fc.string() }), {
    noNullPrototype: true,
  }),
  folders: fc.array(fc.string()),
});

describe('recorded state', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(state, (each) => {
        expect(parseState(formatState(each), FILE)).toEqual(each);
      }),
    );
  });

  it('is on disk for root alone, and replaced as a whole', () => {
    const file = join(folder, 'deeper', FILE);
    expect(readState(file)).toBeUndefined();
    writeState(file, NOTHING);
    writeState(file, { ...NOTHING, folders: ['/x'] });
    expect(readState(file)?.folders).toEqual(['/x']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.staging`)).toBe(false);
  });

  it.each([
    ['half a file', '{"version":1,', 'the file must be JSON'],
    ['a list', '[]', 'the file must be an object, got []'],
    ['another version', JSON.stringify({ ...EMPTY, version: 3 }), 'version must be 2, got 3'],
    ['three nodes', JSON.stringify({ ...EMPTY, nodes: 3 }), 'nodes must be 1 or 2, got 3'],
    ['no processes', JSON.stringify({ ...EMPTY, processes: undefined }), 'processes must be'],
    [
      'folders of numbers',
      JSON.stringify({ ...EMPTY, folders: [7] }),
      'folders[0] must be a string',
    ],
  ])('refuses %s, naming the field', (_, text, message) => {
    expect(() => parseState(text, FILE)).toThrow(ClusterError);
    expect(() => parseState(text, FILE)).toThrow(message);
  });

  it('of the first version is that of one node, so that down can take it back', () => {
    const { bootId, processes, settings } = NOTHING;
    const first = { version: 1, bootId, processes, settings, folders: ['/x'] };
    expect(parseState(JSON.stringify(first), FILE, 'earlier')).toEqual({
      ...NOTHING,
      folders: ['/x'],
    });
    expect(() => parseState(JSON.stringify(first), FILE)).toThrow('version must be 2, got 1');
  });

  // kill(2): 0 is the caller's process group, -1 every process, below that a group; 1 is init.
  it.each([1, 0, -1, -4711, 1.5, '42', null])('never takes %j for a process to end', (pid) => {
    const processes = { etcd: { pid, startTime: '1', bootId: 'b', command: [] } };
    expect(() => parseState(JSON.stringify({ ...EMPTY, processes }), FILE)).toThrow(
      'processes.etcd.pid must be a process id above 1',
    );
  });
});

describe('Journal', () => {
  const recorded = { pid: 42, startTime: '1', bootId: bootId(), command: ['etcd'] };

  it('has every change on disk at once, for whoever comes after a crash', () => {
    const file = join(folder, FILE);
    const journal = new Journal(file);
    journal.recordProcess('etcd', recorded);
    journal.recordSetting('kernel/panic', { before: '0', after: '10' });
    journal.recordFolder('/run/x');
    journal.recordFolder('/run/x');
    expect(readState(file)).toEqual({
      ...NOTHING,
      bootId: bootId(),
      processes: { etcd: recorded },
      settings: { 'kernel/panic': { before: '0', after: '10' } },
      folders: ['/run/x'],
    });
    expect(new Journal(file).process('etcd')).toEqual(recorded);
  });

  it('forgets what a reboot has undone, and keeps what it has not', () => {
    const file = join(folder, FILE);
    writeState(file, {
      ...NOTHING,
      bootId: 'another boot',
      processes: { etcd: recorded },
      settings: { 'kernel/panic': { before: '0', after: '10' } },
      folders: ['/var/lib/x'],
    });
    const journal = new Journal(file);
    expect(journal.process('etcd')).toBeUndefined();
    expect(journal.setting('kernel/panic')).toBeUndefined();
    expect(readState(file)?.folders).toEqual(['/var/lib/x']);
  });

  it('does not write over a record that it cannot understand', () => {
    const file = join(folder, FILE);
    writeFileSync(file, '{');
    expect(() => new Journal(file)).toThrow(ClusterError);
    expect(() => readState(file)).toThrow(ClusterError);
  });
});
