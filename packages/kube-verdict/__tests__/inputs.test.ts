import { join } from 'node:path';
import { folderOf, type Outcome, run } from './command';
import { deployment } from './manifests';

const BIN = join(__dirname, '..', 'bin', 'kube-verdict.js');

const GOOD = JSON.stringify(deployment('web'));
const BAD = JSON.stringify(deployment('bad', { replicas: -1 }));
const SHOP = '{apiVersion: example.com/v1, kind: Shop, metadata: {name: a}}\n';

/** A line of bash in which `kv` is the command, in a folder of files. */
function bash(
  line: string,
  files: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
): Promise<Outcome> {
  const kv = `kv() { '${process.execPath}' '${BIN}' "$@"; }`;
  return run('bash', ['-c', `set -o pipefail; ${kv}; ${line}`], { cwd: folderOf(files), env });
}

describe('each input is read once', () => {
  it.each([
    ['process substitution', 'kv check <(cat bad.json)'],
    ['a pipe by its name', 'cat bad.json | kv check /dev/stdin'],
    ['a FIFO', 'mkfifo f; cat bad.json > f & kv check f'],
    ['standard input', 'kv check - < bad.json'],
  ])('%s', async (_name, line) => {
    const { code, out } = await bash(line, { 'bad.json': BAD });
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringMatching(
        /spec\.replicas: Invalid value: -1.*\n0 accepted, 1 refused\n$/,
      ) as string,
    });
  });

  it('on both sides of a diff', async () => {
    const line = 'kv diff <(cat good.json) <(sed s/nginx:1.29/nginx:1.30/ good.json)';
    const { code, out } = await bash(line, { 'good.json': GOOD });
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(/^Deployment default\/web (rolled out|unchanged)/) as string,
    });
  });
});

describe('what holds no object', () => {
  it.each(['a: [', 'a: 1', 'apiVersion: v1\nkind: {{ x }}', '\u0000'])(
    'is said once of a stream: %j',
    async (text) => {
      const { code, err } = await bash('kv check - < a.yaml', { 'a.yaml': `${text}\n` });
      expect(code).toBe(2);
      expect(err).toMatch(/^-:\d:1: .+\n1 unreadable\n$/);
    },
  );

  it.each([
    ['an empty stream', 'kv check - < /dev/null', 2],
    ['a command that failed before the pipe', 'kv check <(false)', 2],
    ['comments alone', 'echo "# nothing" | kv check -', 2],
    ['an empty stream beside what holds some', 'kv check good.json <(false)', 2],
    ['an empty stream of a diff', 'kv diff good.json <(false)', 2],
    ['the same on the other side', 'kv diff <(false) good.json', 2],
    ['an empty folder of a check', 'mkdir e; kv check e', 2],
    ['an empty folder, which is an empty set, of a diff', 'mkdir e; kv diff e good.json', 0],
    ['kinds that are not judged', 'kv check shop.yaml', 0],
    ['the same where that is refused', 'kv check --strict shop.yaml', 1],
  ])('%s', async (_name, line, code) => {
    const outcome = await bash(line, { 'good.json': GOOD, 'shop.yaml': SHOP });
    expect(outcome).toMatchObject({ code });
  });
});

describe('what cannot be read of a diff', () => {
  it('is not said to be left behind', async () => {
    const files = { 'old.json': `${GOOD}\n---\n${SHOP}`, 'new.yaml': `${SHOP}---\n\t\n` };
    const { code, out } = await bash('kv diff old.json new.yaml', files);
    expect({ code, out }).toEqual({
      code: 2,
      out: 'Shop a unchanged (not judged)\n0 accepted, 0 refused\n',
    });
  });

  it.each(['kv diff good.json <(false)', 'kv diff <(false) good.json'])(
    'changes nothing where it is all: %s',
    async (line) => {
      const { code, out } = await bash(line, { 'good.json': GOOD });
      expect({ code, out }).toEqual({ code: 2, out: '0 accepted, 0 refused\n' });
    },
  );
});

describe('where it prints', () => {
  it('may close early, and what was refused stays refused', async () => {
    const many = Array.from({ length: 2_000 }, () => BAD).join('\n---\n');
    const closed = await bash('(kv check many.json; echo $? > code) | head -1 >&2; cat code', {
      'many.json': many,
    });
    expect(closed.out).toBe('1\n');
  });

  it('may be full, which is an error without a stack', async () => {
    const { code, err } = await bash('kv check good.json > /dev/full', { 'good.json': GOOD });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'kube-verdict: the output cannot be written: no space is left on the device\n',
    });
  });

  it.each(['text', 'github', 'json'])(
    'a name forges no line and no command in %s',
    async (format) => {
      const name = 'a\\n::error::forged\\r\\u001b[31m\\u2028##[error]x';
      const manifest = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}}`;
      const { code, out, err } = await bash(`kv check -o ${format} a.json`, { 'a.json': manifest });
      expect(code).toBe(1);
      const lines = (out + err).split('\n');
      expect(lines.filter((line) => /\p{Cc}|\u2028/u.test(line))).toEqual([]);
      expect(lines.filter((line) => /^\s*::error::forged|^(?!::).*##\[/.test(line))).toEqual([]);
    },
  );
});

describe('a folder', () => {
  const files = {
    'k8s/web.json': GOOD,
    'chart/values.yaml': 'replicas: 3\nimage: {tag: latest}\n',
    'chart/templates/web.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n',
    'compose.yaml': 'services: {web: {image: nginx}}\n',
    'shops/a.yaml': SHOP,
    'shops/b.yaml': SHOP.replace('name: a', 'name: b'),
    'node_modules/x/bad.json': BAD,
    '.git/bad.json': BAD,
    '.gitignore': 'out/\n',
    'out/bad.json': BAD,
  };

  it('is judged as far as it holds manifests, and the rest is counted by its reasons', async () => {
    const { code, out, err } = await bash('kv check .', files);
    expect({ code, out }).toEqual({ code: 0, out: '1 accepted, 0 refused\n' });
    expect(err).toContain('2 are no manifests');
    expect(err).toContain(
      '1 is a template (render it first: helm template … | kube-verdict check -)',
    );
    expect(err.match(/example\.com/g)).toHaveLength(1);
    expect(err).toMatch(/^2 example\.com\/v1 Shop not judged: a custom resource is judged by its/m);
  });

  it('is refused for them with --strict, and for what is given by name', async () => {
    expect(await bash('kv check --strict .', files)).toMatchObject({ code: 2 });
    const { code, err } = await bash('kv check compose.yaml', files);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('compose.yaml') as string,
    });
  });

  it('is read without what is excluded', async () => {
    const line = "kv check --exclude chart --exclude 'compose*' --exclude shops/ --strict .";
    expect(await bash(line, files)).toMatchObject({ code: 0, out: '1 accepted, 0 refused\n' });
  });

  it('has no manifest passed over that is broken and stands on one line', async () => {
    for (const broken of [GOOD.slice(0, -2), '{metadata: {name: a}, apiVersion: v1, kind: [}']) {
      const { code, err } = await bash('kv check .', { 'web.json': GOOD, 'broken.json': broken });
      expect(code).toBe(2);
      expect(err).toMatch(/^broken\.json:\d+:\d+: .+\n1 unreadable\n$/);
    }
    const other = { 'web.json': GOOD, 'other.json': '{"kind": "page", "title": [}' };
    expect(await bash('kv check .', other)).toMatchObject({ code: 0 });
  });

  it('may hold what looks like input and is none', async () => {
    const line =
      'mkdir Kustomization; mkfifo f; ln -s ../f Kustomization/f.yaml; cp good.json Kustomization; kv check .';
    expect(await bash(line, { 'good.json': GOOD })).toEqual({
      code: 0,
      out: '2 accepted, 0 refused\n',
      err: '',
    });
  });

  it('has no warnings of what is passed over', async () => {
    const { code, err } = await bash('kv check .', {
      'good.json': GOOD,
      '.travis.yml': 'branches: [a]\nbranches: [b]\n',
    });
    expect({ code, err }).toEqual({ code: 0, err: 'passed over: 1 is no manifest\n' });
  });

  it('names ten objects that are given again, and counts the rest', async () => {
    const maps = (value: string): string =>
      Array.from(
        { length: 14 },
        (_, i) =>
          `{apiVersion: v1, kind: ConfigMap, metadata: {name: c${i}}, data: {a: ${value}}}\n`,
      ).join('---\n');
    const files = { 'a.yaml': maps('a'), 'b.yaml': maps('b') };
    const { code, err } = await bash('kv check .', files);
    expect(code).toBe(0);
    expect(err.match(/is given again/g)).toHaveLength(10);
    expect(err).toContain('4 more given again that differ\n');
    expect(await bash('kv check --strict .', files)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/(?:is given again[^]*){14}/) as string,
    });
  });

  it('of a kustomization is judged without its patches, or as kustomize makes it', async () => {
    const kustomize = '#!/bin/sh\ncat good.json\n';
    const kustomization = {
      'base/kustomization.yaml': 'resources: [web.json]\npatches: [{path: patch.yaml}]\n',
      'base/web.json': GOOD,
      'base/patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n',
      'good.json': GOOD,
      'bin/kubectl': kustomize,
    };
    const plain = await bash('kv check base', kustomization);
    expect(plain).toMatchObject({ code: 0, out: '1 accepted, 0 refused\n' });
    expect(plain.err).toContain('1 is a patch of a kustomization');
    const made = 'chmod +x bin/kubectl; PATH="$PWD/bin:$PATH" kv check --kustomize base';
    expect(await bash(made, kustomization)).toMatchObject({ code: 0, err: '' });
    expect(await bash('PATH= kv check --kustomize base', kustomization)).toMatchObject({ code: 2 });
    const bad = { ...kustomization, 'good.json': `\n${BAD}` };
    const where = 'base/kustomization.yaml:1:1: Deployment default/bad: spec.replicas: ';
    expect(await bash(made, bad)).toMatchObject({
      code: 1,
      out: expect.stringContaining(where) as string,
    });
    const { code, err } = await bash('kv check base', { ...kustomization, 'base/web.json': BAD });
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringContaining(
        '1 refused of what kustomizations list as resources, which need not be whole: --kustomize',
      ) as string,
    });
  });
});

describe('a kustomization', () => {
  const rest = { 'web.json': GOOD, 'patch.yaml': 'apiVersion: apps/v1\nkind: Deployment\n' };

  it.each([
    ['kustomization.yaml', 'resources: [web.json]\npatches: [\n'],
    ['kustomization.yml', 'resources:\n- web.json\n\t- patch.yaml\n'],
    ['Kustomization', 'resources: [*a]\n'],
  ])('that cannot be read is said to be so: %s of %j', async (name, text) => {
    const { code, err } = await bash('kv check .', { ...rest, [name]: text });
    expect(code).toBe(2);
    expect(err).toMatch(new RegExp(`^${name}: .+\n1 unreadable\n$`));
  });

  it('that is a template is passed over', async () => {
    const text = '{{ if .a }}\nresources: [web.json]\n{{ end }}\n';
    const { code, err } = await bash('kv check .', {
      'web.json': GOOD,
      'kustomization.yaml': text,
    });
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^passed over: 1 is a kustomization/) as string,
    });
  });

  it('has the values of its charts for itself', async () => {
    const files = {
      'web.json': GOOD,
      'kustomization.yaml':
        'helmCharts:\n- {name: a, valuesFile: a.yaml, additionalValuesFiles: [b.yaml]}\n',
      'a.yaml': 'apiVersion: v1\nkind: Values\n',
      'b.yaml': 'apiVersion: v1\nkind: Values\n',
    };
    const { code, err } = await bash('kv check .', files);
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(/2 are read by a kustomization/) as string,
    });
  });

  it('of kustomizations in a circle has one of them given to kustomize, which refuses it', async () => {
    const files = {
      'good.json': GOOD,
      'a/kustomization.yaml': 'resources: [../b]\n',
      'b/kustomization.yaml': 'resources: [../a, c]\n',
      'b/c/kustomization.yaml': 'resources: []\n',
      'bin/kubectl': '#!/bin/sh\necho "cycle detected in ${2##*/}" >&2\nexit 1\n',
    };
    const line = 'chmod +x bin/kubectl; PATH="$PWD/bin:$PATH" kv check --kustomize .';
    const { code, err } = await bash(line, files);
    expect(code).toBe(2);
    expect(err).toBe(
      'a/kustomization.yaml: kubectl cannot build it: cycle detected in a\n1 unreadable\n',
    );
  });

  it('of which kustomize makes nothing is named as it was found', async () => {
    const files = {
      'a/kustomization.yaml': 'resources: []\n',
      'bin/kubectl': '#!/bin/sh\nexit 1\n',
    };
    const line = 'chmod +x bin/kubectl; PATH="$PWD/bin:$PATH" kv check --kustomize a';
    const { code, err } = await bash(line, files);
    expect(code).toBe(2);
    expect(err).toMatch(/^a\/kustomization\.yaml: kubectl cannot build it: /);
  });
});

describe('a kind of Kubernetes that is not served', () => {
  it('is refused, with what is', async () => {
    const { code, out } = await bash('kv check a.yaml', {
      'a.yaml': 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: a}\n',
    });
    expect({ code, out }).toEqual({
      code: 1,
      out: expect.stringContaining(
        'no matches for kind "Ingress" in version "extensions/v1beta1"; use kind Ingress of networking.k8s.io/v1',
      ) as string,
    });
  });

  it('is what is served now, where that is applied over it', async () => {
    const budget = (version: string) =>
      `apiVersion: policy/${version}\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1, selector: {matchLabels: {app: a}}}\n`;
    const claim = (holder: string) =>
      `apiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: a, labels: {holder: ${holder}}}\n`;
    const { code, out } = await bash('kv diff old.yaml new.yaml', {
      'old.yaml': `${budget('v1beta1')}---\n${claim('a')}`,
      'new.yaml': `${budget('v1')}---\n${claim('b')}`,
    });
    expect({ code, out }).toEqual({
      code: 0,
      out: [
        'PodDisruptionBudget default/a updated: apiVersion: policy/v1beta1 → policy/v1',
        'ResourceClaim default/a changed (not judged): metadata.labels[holder]: a → b',
        '1 accepted, 0 refused',
        '',
      ].join('\n'),
    });
  });
});
