import { readFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Outcome, run } from './command';
import { deployment, pod, podWithVariables, service } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

function verdict(cwd: string, ...args: string[]): Promise<Outcome> {
  return run(process.execPath, [BIN, ...args], { cwd });
}

function lines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const POD = JSON.stringify(pod('web'));
const BAD = `apiVersion: v1
kind: Pod
metadata:
  name: bad
spec:
  containers:
    - name: main
      image: nginx
      ports:
        - containerPort: 99999
`;
const CUSTOM = 'apiVersion: example.com/v1\nkind: Backup\nmetadata: {name: nightly}\n';

describe('check', () => {
  it('exits 0 when everything is accepted', async () => {
    const folder = folderOf({ 'pod.json': POD });
    expect(await verdict(folder, 'check', 'pod.json')).toEqual({
      code: 0,
      out: '1 accepted, 0 refused\n',
      err: '',
    });
  });

  it('exits 1 when something is refused, and says where', async () => {
    const folder = folderOf({ 'bad.yaml': `# ports\n${BAD}` });
    expect(await verdict(folder, 'check', 'bad.yaml')).toEqual({
      code: 1,
      out:
        'bad.yaml:11:11: Pod default/bad: spec.containers[0].ports[0].containerPort: ' +
        'Invalid value: 99999: must be between 1 and 65535, inclusive\n' +
        '0 accepted, 1 refused\n',
      err: '',
    });
  });

  it('exits 0 when objects are not judged, and counts them on standard error', async () => {
    const folder = folderOf({ 'all.yaml': `${CUSTOM}---\n${POD}\n` });
    const { code, out, err } = await verdict(folder, 'check', 'all.yaml');
    expect({ code, out }).toEqual({ code: 0, out: '1 accepted, 0 refused\n' });
    expect(err).toMatch(/^1 not judged$/m);
  });

  it.each([
    ['a missing file', ['check', 'nowhere.yaml'], /^nowhere\.yaml: no such file or folder$/m],
    ['broken YAML', ['check', 'broken.yaml'], /^broken\.yaml:6:1: .+$/m],
    [
      'a key given twice, with --strict',
      ['check', '--strict', 'twice.yaml'],
      /^twice\.yaml:3:1: key "kind" is given twice: kubectl takes the last$/m,
    ],
    ['no manifest', ['check', 'compose.yaml'], /^compose\.yaml:1:1: not a Kubernetes manifest: /m],
    [
      'bytes that are not UTF-8, with --strict',
      ['check', '--strict', 'latin.yaml'],
      /^latin\.yaml:2:7: not UTF-8: kubectl reads U\+FFFD here$/m,
    ],
    ['a file of 100 MB', ['check', 'large.yaml'], /^large\.yaml: larger than 32 MiB; split it/m],
  ])('exits 2 on %s, and still judges the rest', async (_name, args, message) => {
    const folder = folderOf({
      'broken.yaml': 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {\n}}\n',
      'twice.yaml': 'apiVersion: v1\nkind: Secret\nkind: ConfigMap\nmetadata: {name: a}\n',
      'compose.yaml': 'services: {web: {image: nginx}}\n',
      'empty/readme.txt': '',
      'latin.yaml': Buffer.from('kind: Pod\nname: \xe9\xe8\n', 'latin1'),
      'large.yaml': '',
      'bad.yaml': BAD,
    });
    truncateSync(join(folder, 'large.yaml'), 100_000_000);
    const { code, out, err } = await verdict(folder, ...args, 'bad.yaml');
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(out).toMatch(/^bad\.yaml:10:11: Pod default\/bad: .*\n\d accepted, 1 refused\n$/);
  });

  it.each([
    [[], 'a command is missing: check, diff or plan'],
    [['chek'], 'there is no command chek: the commands are check, diff and plan'],
    [[''], 'there is no command "": the commands are check, diff and plan'],
    [['--strict', 'plan', 'a', 'b'], 'plan comes first: kube-verdict plan'],
    [['check'], 'check takes at least one PATH'],
    [['check', '--strct', 'a'], "Unknown option '--strct'"],
    [['check', '--ip-families', 'IPv5', 'a'], '--ip-families takes IPv4, IPv6 or both'],
    [['check', '--service-cidr', '10.0.0.0', 'a'], '--service-cidr takes a range of addresses'],
    [['check', '--namespace', 'A b', 'a'], '--namespace takes the name of a namespace'],
    [['diff', '--apply', 'a', 'b'], '--apply is for check'],
    [['diff', '-', '-'], 'standard input can be OLD or NEW, and not both'],
    [['check', '-o', '', 'a'], '-o takes text, json, github; received ""'],
    [['check', '--cache', '', 'a'], '--cache takes the path of a folder; received ""'],
    [['check', 'a', ''], 'PATH takes the path of a file or folder, or -; received ""'],
    [['check', '-', 'a', '-'], 'standard input can be given once'],
    [['check', '-o', 'xml', 'a'], '-o takes text, json, github; received xml'],
    [['check', '--pod-security', 'strict', 'a'], '--pod-security takes baseline or restricted'],
    [['check', '--server-side', 'a'], '--server-side is for diff, and for check --apply'],
    [['diff', 'a'], 'diff takes OLD and NEW; received 1 path'],
    [['diff', 'a', 'b', 'c'], 'diff takes OLD and NEW; received 3 paths'],
    [['diff', '--pod-security', 'baseline', 'a', 'b'], '--pod-security is for check'],
  ])('exits 2 with the usage on %p', async (args, message) => {
    const { code, out, err } = await verdict('.', ...args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(`kube-verdict: ${message}`);
    expect(err).toContain('kube-verdict check [-o FORMAT]');
  });

  it('prints one JSON object a line', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [service('web'), pod('web')] };
    const folder = folderOf({ 'all.yaml': `${BAD}---\n${CUSTOM}---\n${JSON.stringify(list)}\n` });
    const { code, out } = await verdict(folder, 'check', '-o', 'json', 'all.yaml');
    expect(code).toBe(1);
    const found = lines(out);
    expect(Object.keys(found[0] ?? {})).toEqual([
      ...['file', 'line', 'column', 'index', 'apiVersion', 'kind', 'namespace', 'name'],
      ...['accepted', 'errors', 'podErrors', 'warnings'],
    ]);
    expect(found.map((f) => [f.index, f.kind, f.namespace, f.name, f.accepted])).toEqual([
      [0, 'Pod', 'default', 'bad', false],
      [1, 'Backup', null, 'nightly', null],
      [2, 'Service', 'default', 'web', true],
      [3, 'Pod', 'default', 'web', true],
    ]);
  });

  it('prints workflow annotations for GitHub', async () => {
    const folder = folderOf({ 'a,b.yaml': BAD });
    const { code, out } = await verdict(folder, 'check', '-o', 'github', 'a,b.yaml');
    expect(code).toBe(1);
    expect(out).toBe(
      '::error file=a%2Cb.yaml,line=10,col=11,title=Pod default/bad::' +
        'spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive\n',
    );
  });

  it('judges with --apply what kubectl apply makes of a new object, and without it a create', async () => {
    const generated = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'a-' } };
    const large = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' } },
      data: { text: 'x'.repeat(300_000) },
    };
    const folder = folderOf({
      'generated.json': JSON.stringify(generated),
      'large.json': JSON.stringify(large),
    });
    expect((await verdict(folder, 'check', '.')).code).toBe(0);
    const { code, out } = await verdict(folder, 'check', '--apply', '.');
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^generated\.json:1:\d+: .*: cannot use generate name with apply$/),
      expect.stringMatching(
        /^large\.json:1:\d+: ConfigMap default\/large: metadata\.annotations: Too long/,
      ),
      '0 accepted, 2 refused',
      '',
    ]);
    const onServer = await verdict(folder, 'check', '--apply', '--server-side', '.');
    expect(onServer.out.split('\n')).toEqual([
      expect.stringMatching(/cannot use generate name with apply$/),
      '1 accepted, 1 refused',
      '',
    ]);
  });

  it('reads standard input', async () => {
    const { code, out } = await run(process.execPath, [BIN, 'check', '-o', 'json', '-'], {
      input: `${POD}\n`,
    });
    expect(code).toBe(0);
    expect(lines(out)).toMatchObject([{ file: '-', index: 0, accepted: true }]);
  });

  it('reads folders however deep, whatever the links in them, in the order of names', async () => {
    const folder = folderOf({
      'k8s/b.yml': POD,
      'k8s/a/deep/er.json': POD,
      'k8s/c.yaml': POD,
      'k8s/readme.md': 'text',
    });
    symlinkSync(folder, join(folder, 'k8s', 'round'));
    const { code, out } = await verdict(folder, 'check', '-o', 'json', 'k8s');
    expect(code).toBe(0);
    expect(lines(out).map((f) => f.file)).toEqual([
      'k8s/a/deep/er.json',
      'k8s/b.yml',
      'k8s/c.yaml',
    ]);
  });

  it('says that a metadata of null lacks a name', async () => {
    const folder = folderOf({ 'null.yaml': 'apiVersion: v1\nkind: Secret\nmetadata:\n' });
    const { code, out } = await verdict(folder, 'check', 'null.yaml');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^null\.yaml:\d:1: Secret default\/\(no name\): metadata\.name: Required value/,
    );
  });

  it('ends quietly when its reader has seen enough', async () => {
    const folder = folderOf({ 'many.yaml': `${BAD}---\n`.repeat(3_000) });
    const shell = `"${process.execPath}" "${BIN}" check many.yaml | head -1`;
    const { out, err } = await run('sh', ['-c', shell], { cwd: folder });
    expect(out).toMatch(/^many\.yaml:10:11: .*\n$/);
    expect(err).toBe('');
  });
});

describe('what would break a judge', () => {
  it.each<[string, string]>([
    ['an exponent of a thousand million', pods('resources: {requests: {cpu: 1e999999999}}')],
    ['3,000 levels of nesting', pods(`x: ${'{a: '.repeat(3_000)}${'}'.repeat(3_000)}`)],
    ['5,000 variables', JSON.stringify(podWithVariables(5_000, 'x'))],
    ['a YAML bomb', bomb()],
    ["deep nesting below the reader's limit", pods(`x: ${'{a: '.repeat(900)}${'}'.repeat(900)}`)],
  ])('%s neither crashes nor hangs it, and the next is still judged', async (_name, text) => {
    const folder = folderOf({ 'a.yaml': text, 'b.yaml': BAD });
    const started = performance.now();
    const { code, out, err } = await verdict(folder, 'check', 'a.yaml', 'b.yaml');
    expect([1, 2]).toContain(code);
    expect(out).toMatch(/^b\.yaml:10:11: Pod default\/bad/m);
    expect(err).not.toMatch(/at .*\.js:\d+/);
    expect(performance.now() - started).toBeLessThan(300_000);
  });
});

describe('diff', () => {
  const before = [
    deployment('same'),
    deployment('scaled'),
    deployment('rolled'),
    deployment('refused'),
    service('removed'),
  ];
  const after = [
    deployment('same'),
    deployment('scaled', { replicas: 5 }),
    deployment('rolled', {}, { image: 'nginx:1.30' }),
    deployment('refused', { selector: { matchLabels: { app: 'other' } } }),
    service('created'),
  ];
  const text = (manifests: readonly object[]) =>
    manifests.map((m) => JSON.stringify(m)).join('\n---\n');

  it('says what applying would do to each object, and exits 1 when one is refused', async () => {
    const folder = folderOf({ 'old.yaml': text(before), 'new/new.yaml': text(after) });
    const { code, out } = await verdict(folder, 'diff', 'old.yaml', 'new');
    expect(code).toBe(1);
    expect(out.split('\n').filter((line) => !line.startsWith('new/'))).toEqual([
      'Deployment default/same unchanged',
      'Deployment default/scaled updated: spec.replicas: 3 → 5',
      'Deployment default/rolled rolled out: spec.template.spec.containers[0].image: nginx:1.29 → nginx:1.30',
      'Deployment default/refused refused',
      'Service default/created created',
      'Service default/removed left behind (removed with --prune)',
      '4 accepted, 1 refused, 1 left behind',
      '',
    ]);
  });

  it('has a notice or an error for GitHub of what rolls out, is refused, waits or is left behind', async () => {
    const paused = (image: string) => deployment('paused', { paused: true }, { image });
    const folder = folderOf({
      'old.yaml': text([...before, paused('nginx:1.29')]),
      'new.yaml': text([...after, paused('nginx:1.30')]),
    });
    const { code, out } = await verdict(folder, 'diff', '-o', 'github', 'old.yaml', 'new.yaml');
    expect(code).toBe(1);
    const image = 'spec.template.spec.containers[0].image: nginx:1.29 → nginx:1.30';
    expect(out.split('\n').map((line) => line.replace(/line=\d+,col=\d+/, 'PLACE'))).toEqual([
      `::notice file=new.yaml,PLACE,title=Deployment default/rolled rolled out::${image}`,
      expect.stringMatching(
        /^::error file=new\.yaml,PLACE,title=Deployment default\/refused refused::spec\.selector: /,
      ),
      expect.stringMatching(/title=Deployment default\/refused refused::spec\.template\.metadata/),
      `::notice file=new.yaml,PLACE,title=Deployment default/paused updated::the new template waits until spec.paused is taken back%0A${image}`,
      '::notice file=old.yaml,PLACE,title=Service default/removed left behind::kubectl apply leaves it where it is; --prune removes it',
      '',
    ]);
  });

  it('says of an object that never worked the same as ever, where both sides have it', async () => {
    const broken = deployment('broken', { replicas: -1 });
    const version = deployment('left');
    version.metadata = { ...version.metadata, ...{ resourceVersion: '7' } };
    const folder = folderOf({
      'old.yaml': text([broken, version]),
      // The same text, and the same object in another text.
      'same.yaml': text([broken, version]),
      'other.json': JSON.stringify([broken, version][0], null, 2),
    });
    const same = await verdict(folder, 'diff', 'old.yaml', 'same.yaml');
    expect([same.code, same.out.replaceAll(/^same\.yaml:\d+:\d+: /gm, '').split('\n')]).toEqual([
      1,
      [
        'Deployment default/broken refused',
        'Deployment default/broken: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'Deployment default/left refused',
        expect.stringMatching(
          /^Deployment default\/left: metadata\.resourceVersion: the object has been modified/,
        ),
        '0 accepted, 2 refused',
        '',
      ],
    ]);
    const other = await verdict(folder, 'diff', 'old.yaml', 'other.json');
    expect(other.out).toMatch(/^Deployment default\/broken refused\nother\.json:8:5: /);
  });

  it('exits 0 when nothing is refused', async () => {
    const folder = folderOf({ 'old.yaml': text(before), 'new.yaml': text(before.slice(0, 2)) });
    const { code, out } = await verdict(folder, 'diff', '-o', 'json', 'old.yaml', 'new.yaml');
    expect(code).toBe(0);
    expect(lines(out).map((f) => [f.name, f.action, f.fields])).toEqual([
      ['same', 'unchanged', []],
      ['scaled', 'unchanged', []],
      ['rolled', 'left behind', []],
      ['refused', 'left behind', []],
      ['removed', 'left behind', []],
    ]);
  });

  it('judges server-side apply when asked', async () => {
    const folder = folderOf({
      'old.yaml': text([deployment('web')]),
      'new.yaml': text([deployment('web', { strategy: { type: 'Recreate' } })]),
    });
    expect((await verdict(folder, 'diff', 'old.yaml', 'new.yaml')).code).toBe(0);
    const server = await verdict(folder, 'diff', '--server-side', 'old.yaml', 'new.yaml');
    expect(server.code).toBe(1);
    expect(server.out).toContain('spec.strategy.rollingUpdate');
  });
});

it('prints its help and its versions', async () => {
  const help = await verdict('.', '--help');
  expect(help.code).toBe(0);
  expect(help.out).toContain('kube-verdict check [-o FORMAT]');
  const file = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(file) as { version: string };
  expect(await verdict('.', '--version')).toEqual({
    code: 0,
    out: `kube-verdict ${version} (Kubernetes 1.34.10)\n`,
    err: '',
  });
});

function pods(member: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: b\n    ${member}\n`;
}

function bomb(): string {
  const level = (i: number) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]\n`;
  return `apiVersion: v1\nkind: Pod\na0: &a0 [x]\n${Array.from({ length: 12 }, (_, i) => level(i)).join('')}`;
}
