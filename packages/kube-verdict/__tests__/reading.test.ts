import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { decodeText } from '../src/reading/decode-text';
import { documentsOf, type FoundObject, foundIn, type Remark } from '../src/reading/documents';
import { Reader } from '../src/reading/reader';
import { openPool } from '../src/workers/open-pool';
import type { WorkerPool } from '../src/workers/worker-pool';

let pool: WorkerPool;
let reader: Reader;

beforeAll(async () => {
  pool = await openPool();
  reader = new Reader((request) => pool.ask(request));
  await pool.ready;
});

afterAll(() => {
  pool.close();
});

/** What is found in a file of the text, as in a folder or by name. */
async function found(text: string, inFolder = false): Promise<(FoundObject | Remark)[]> {
  const input = { file: 'a.yaml', found: inFolder, read: () => Promise.resolve({ text }) };
  const all: (FoundObject | Remark)[] = [];
  for await (const one of documentsOf(
    (async function* () {
      yield await Promise.resolve(input);
    })(),
    reader,
  )) {
    if (one.kind !== 'document') all.push(one);
    else {
      const read = await reader.read(one.document.text, one.document.json);
      all.push(...foundIn(one, read, all.length));
    }
  }
  return all;
}

async function objects(text: string): Promise<FoundObject[]> {
  return (await found(text)).map((one) => {
    if (one.kind === 'object') return one;
    throw new Error(JSON.stringify(one));
  });
}

/** `LINE:COLUMN MESSAGE` of all that is no object. */
async function remarks(text: string, inFolder = false): Promise<string[]> {
  return (await found(text, inFolder)).flatMap((one) => {
    switch (one.kind) {
      case 'object':
        return [];
      case 'passed over':
        return [one.reason];
      case 'warning':
        return [`${one.position.line}:${one.position.column} ${one.message}`];
      case 'unreadable': {
        const { position, message } = one.error;
        return [`${position?.line ?? 0}:${position?.column ?? 0} ${message}`];
      }
    }
  });
}

function manifestOf(one: FoundObject | undefined): Record<string, unknown> {
  return JSON.parse(one?.object.manifest ?? '{}') as Record<string, unknown>;
}

const HEAD = 'apiVersion: v1\nkind: ConfigMap\n';

describe('what kubectl reads', () => {
  it.each<[string, string, unknown]>([
    ['a quoted text that goes on at its parent', "a: '[\n]'", '[ ]'],
    ['a comment behind a bracket', 'a: {}#c', {}],
    ['a comment behind a quote', 'a: "c"#x', 'c'],
    ['a closing bracket indented less than its key', 'x: 1\na: [\n1\n]', [1]],
    ['an address in a list', 'a: [2001:db8::]', ['2001:db8::']],
    ['a word of YAML 1.1', 'a: on', true],
    ['an octal number', 'a: 0644', 420],
    ['a float too large for one', 'a: 9e12345', '9e12345'],
    ['a date', 'a: 2026-01-02', '2026-01-02'],
    ['a number of 64 bits', 'a: 9223372036854775807', '9223372036854775807'],
    ['a tag', 'a: !!binary aGVsbG8=', 'hello'],
    ['what a merge brings, over a key before it', 'b: &b {a: 1}\nx: {a: 2, <<: *b}\na: 0', 0],
  ])('%s', async (_name, text, value) => {
    const one = (await found(`${HEAD}${text}\n`)).find(({ kind }) => kind === 'object');
    if (one?.kind !== 'object') throw new Error('there is no object');
    const read = manifestOf(one).a;
    // JavaScript would round it.
    if (typeof value === 'string' && /^\d{19}$/.test(value)) {
      expect(one.object.manifest).toContain(`"a":${value}`);
    } else {
      expect(read).toEqual(value);
    }
  });

  it('JSON objects one after the other, as jq writes them', async () => {
    const text =
      '{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1","kind":"B"}{"apiVersion":"v1",\n"kind":"C"}';
    const all = await objects(text);
    expect(all.map((one) => [one.object.kind, one.placeOf('kind')])).toEqual([
      ['A', { line: 1, column: 20 }],
      ['B', { line: 2, column: 20 }],
      ['C', { line: 3, column: 1 }],
    ]);
  });

  it('the items of a list, those of a typed one with its kind', async () => {
    const list = { apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'a' } }] };
    const [one] = await objects(JSON.stringify(list));
    expect(one?.object).toMatchObject({ path: 'items[0]', kind: 'Pod', name: 'a' });
  });

  it('nothing of what is empty', async () => {
    expect(await found('')).toEqual([]);
    expect(await found('---\n# nothing\n---\n\n--- # c\nnull\n---\n~\n')).toEqual([]);
  });

  it.each([
    [
      'a key that is given twice',
      `${HEAD}a: 1\na: 2\n`,
      '4:1 key "a" is given twice: kubectl takes the last',
    ],
    [
      'a key of JSON',
      `{"apiVersion":"v1",\n"kind":"A","kind":"B"}`,
      '2:12 key "kind" is given twice: kubectl takes the last',
    ],
    [
      'what is behind the end',
      `${HEAD}...\na: 1\n`,
      '3:1 kubectl reads nothing of what follows ... up to the next ---',
    ],
  ])('and it warns of %s', async (_name, text, warning) => {
    const [first, second] = await found(text);
    expect(await remarks(text)).toEqual([warning]);
    expect([first?.kind, second?.kind]).toEqual(['warning', 'object']);
  });
});

describe('what kubectl cannot read', () => {
  it.each([
    ['a line of a tab', `${HEAD}\t\nmetadata: {}\n`, /^3:1 .*tab/],
    ['a line of a percent sign', `${HEAD}a: 1\n%\n`, /^4:1 /],
    ['a directive', `%YAML 1.1\n---\n${HEAD}`, /did not find expected <document start>$/],
    ['the end before anything', `...\n${HEAD}`, /^1:1 /],
    ['something behind a separator', `${HEAD}--- b\n`, /^3:1 invalid Yaml document separator: b$/],
    ['an unknown anchor', `${HEAD}a: *nobody\n`, /unknown anchor 'nobody' referenced/],
    ['an anchor that contains itself', `${HEAD}a: &a [*a]\n`, /anchor 'a' value contains itself/],
    ['a number that is none', `${HEAD}a: .nan\n`, /NaN/],
    ['more than the API server takes', HEAD + ' '.repeat(5 * 1024 * 1024), /allowed are 4194304/],
    ['a list of a number', 'apiVersion: v1\nkind: List\nitems: [5]\n', /cannot unmarshal number/],
    ['a kind that is missing', 'apiVersion: v1\nmetadata: {}\n', /no kind$/],
    ['a version that is a number', 'apiVersion: 1\nkind: Pod\nmetadata: {}\n', /no apiVersion$/],
  ])('%s', async (_name, text, message) => {
    const [mistake] = await remarks(text);
    expect(mistake).toMatch(message);
  });

  it('is not what nests thousands of levels deep', async () => {
    const deep = `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    expect(await found(HEAD + deep)).toMatchObject([{ kind: 'object' }]);
  });

  it('hides nothing of the rest', async () => {
    const kinds = (await found(`${HEAD}---\n${HEAD}a: [1\n---\n${HEAD}`)).map((one) => one.kind);
    expect(kinds).toEqual(['object', 'unreadable', 'object']);
  });

  it('is a document that grows by its aliases', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]\n`,
    );
    expect(await remarks(`${HEAD}a0: &a0 [lol]\n${levels.join('')}`)).toEqual([
      expect.stringContaining('document contains excessive aliasing'),
    ]);
  });
});

describe('what was never meant for a cluster', () => {
  it.each([
    ['values', 'replicas: 3\n', 'no manifest', /no apiVersion and no kind/],
    ['a chart', 'apiVersion: v2\nname: a\n', 'no manifest', /no kind/],
    ['a patch of JSON', '[{"op":"remove","path":"/a"}]', 'no manifest', /a mapping/],
    [
      'a template',
      `${HEAD}metadata: {name: {{ .Values.name }}}\n`,
      'template',
      /render it first: helm template/,
    ],
    [
      'a quoted template',
      `${HEAD}metadata: {name: "{{ .Values.name }}"}\n`,
      'template',
      /render it first/,
    ],
    [
      'a piece of a template',
      `{{- if .Values.a }}\n---\n${HEAD}metadata: {\n`,
      'template',
      /a template/,
    ],
    ['text that is no YAML', 'a: b: c\n', 'no manifest', /mapping values are not allowed/],
    [
      'a kustomization',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\n',
      'kustomization',
      /--kustomize/,
    ],
  ])(
    '%s is passed over in a folder and named where it is given',
    async (_name, text, reason, message) => {
      expect((await remarks(text, true)).at(-1)).toBe(reason);
      expect((await remarks(text)).at(-1)).toMatch(message);
    },
  );

  it.each([
    ['a manifest that is broken', `${HEAD}a: [1\n`],
    ['a manifest that lacks its kind', 'apiVersion: v1\nmetadata: {name: a}\n'],
  ])('%s is unreadable everywhere', async (_name, text) => {
    expect((await found(text, true)).map((one) => one.kind)).toEqual(['unreadable']);
  });

  it('is no manifest that quotes braces', async () => {
    expect(await found(`${HEAD}data: {a: "{{ x }}"}\n`, true)).toMatchObject([{ kind: 'object' }]);
  });
});

describe('places', () => {
  it('are those of a field, or of the nearest that is there', async () => {
    const text = `# web\n${HEAD}spec:\n  containers:\n    - name: a\n      env:\n        - {name: A, value: on}\nmetadata:\n  labels:\n    app.kubernetes.io/name: x\n`;
    const [one] = await objects(text);
    expect(one?.placeOf('spec.containers[0].env[0].value')).toEqual({ line: 8, column: 21 });
    expect(one?.placeOf('spec.containers[0].image')).toEqual({ line: 6, column: 7 });
    expect(one?.placeOf('spec.containers[3].image')).toEqual({ line: 5, column: 3 });
    expect(one?.placeOf('metadata.labels[app.kubernetes.io/name]')).toEqual({
      line: 11,
      column: 5,
    });
    expect(one?.placeOf('')).toEqual({ line: 2, column: 1 });
  });

  it.each([
    [
      'a label by its value',
      'metadata.labels',
      'Invalid value: "b c": a valid label',
      { line: 5, column: 8 },
    ],
    [
      'a label by its key',
      'metadata.labels',
      'Invalid value: "d e": name part',
      { line: 6, column: 5 },
    ],
    [
      'a finalizer',
      'metadata.finalizers',
      'Invalid value: "x y": name part',
      { line: 7, column: 19 },
    ],
    ['stringData as data', 'data[k]', 'Invalid value', { line: 10, column: 3 }],
    ['data before stringData', 'data[j]', 'Invalid value', { line: 8, column: 8 }],
    ['what an alias stands for', 'copy.k', '', { line: 10, column: 3 }],
    ['what is merged', 'merged.k', '', { line: 10, column: 3 }],
    ['clusterIP as clusterIPs', 'spec.clusterIPs[0]', '', { line: 13, column: 8 }],
  ])('find %s', async (_name, field, message, place) => {
    const text = `${HEAD}metadata:\n  labels:\n    a: b c\n    "d e": f\n  finalizers: [a, x y]\ndata: {j: 1}\nstringData: &s\n  k: 2\ncopy: *s\nmerged: {<<: *s}\nspec: {clusterIP: a}\n`;
    const [one] = await objects(text);
    expect(one?.placeOf(field, message)).toEqual(place);
  });

  it('are those of the lines of each document', async () => {
    const manifest = fc.record({
      apiVersion: fc.constant('v1'),
      kind: fc.constant('ConfigMap'),
      data: fc.dictionary(
        fc.string({ unit: 'grapheme-ascii' }),
        fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.integer(), fc.boolean()),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(manifest, { minLength: 1, maxLength: 4 }), async (manifests) => {
        const texts = manifests.map((m) =>
          stringify(m, {
            version: '1.1',
            defaultStringType: 'QUOTE_DOUBLE',
            defaultKeyType: 'QUOTE_DOUBLE',
          }),
        );
        const all = await objects(texts.join('---\n'));
        expect(all.map(manifestOf)).toEqual(manifests.map((m) => ({ ...m, data: { ...m.data } })));
        let line = 1;
        for (const [i, text] of texts.entries()) {
          expect(all[i]?.placeOf('').line).toBe(line);
          line += text.split('\n').length;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are never what makes the reader throw', async () => {
    const pieces = [
      'a',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ', ',
      '&x ',
      '*x',
      '"',
      "'",
      '|\n',
      '>\n',
      '\n',
      '  ',
      '---\n',
      '...\n',
      '%YAML 1.2\n',
      '#',
      '!!int ',
      '<<: ',
      '? ',
      '\t',
      '\r\n',
      '\u0000',
      'é',
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), async (list) => {
        for (const one of await found(HEAD + list.join(''))) {
          if (one.kind === 'object') one.placeOf('a[0].b', 'Invalid value: "a": x');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('bytes', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from('a: é'), 'a: é'],
    ['a byte order mark', Buffer.from('\ufeffa: é'), 'a: é'],
    ['UTF-16', Buffer.from('\ufeffa: é', 'utf16le'), 'a: é'],
    ['UTF-16 the other way', Buffer.from('\ufeffa: é', 'utf16le').swap16(), 'a: é'],
  ])('are read as %s', (_name, bytes, text) => {
    expect(decodeText(bytes)).toEqual({ text });
  });

  it('that are no UTF-8 cannot be read behind a byte order mark', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeffa: '), Buffer.from([0xe9])]);
    expect(decodeText(bytes).mistake?.position).toEqual({ line: 1, column: 4 });
  });

  it('that are no UTF-8 are read as kubectl reads them, with a warning', () => {
    expect(decodeText(Buffer.from('a: 1\nb: \xe9\xe8\n', 'latin1'))).toEqual({
      text: 'a: 1\nb: \ufffd\ufffd\n',
      warning: {
        message: 'not UTF-8: kubectl reads U+FFFD here',
        position: { line: 2, column: 4 },
      },
    });
  });
});
