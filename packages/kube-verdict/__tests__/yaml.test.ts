import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { type BrokenDocument, readDocuments, type SourceObject } from '../src/yaml/documents';
import { resolvePlain } from '../src/yaml/scalar';

function objects(text: string): SourceObject[] {
  return [...readDocuments(text)].map((document) => {
    if (document.kind === 'broken') throw new Error(`broken: ${document.message}`);
    return document;
  });
}

function broken(text: string): string[] {
  return [...readDocuments(text)]
    .filter((document): document is BrokenDocument => document.kind === 'broken')
    .map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const HEAD = 'apiVersion: v1\nkind: ConfigMap\n';

function valueOf(yaml: string): unknown {
  return objects(`${HEAD}value: ${yaml}\n`)[0]?.manifest.value;
}

describe('plain scalars mean what they mean to kubectl', () => {
  it.each<[string, unknown]>([
    ['on', true],
    ['No', false],
    ['y', true],
    ['"on"', 'on'],
    ['~', null],
    ['', null],
    ['0644', 420],
    ['0o644', 420],
    ['0x1F', 31],
    ['-0b101', -5],
    ['1_000', 1000],
    ['08', 8],
    ['1e3', 1000],
    ['1.', 1],
    ['.5', 0.5],
    ['1.0', 1],
    ['+12', 12],
    ['12:30:45', '12:30:45'],
    ['2026-01-02', '2026-01-02'],
    ['1.2.3', '1.2.3'],
    ['100m', '100m'],
    ['9007199254740993', 9_007_199_254_740_993n],
    ['18446744073709551615', 18_446_744_073_709_551_615n],
    ['18446744073709551616', 18_446_744_073_709_552_000],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!!binary aGVsbG8=', 'hello'],
    ['{a: 1, b: [x]}', { a: 1, b: ['x'] }],
  ])('%p is %p', (yaml, value) => {
    expect(valueOf(yaml)).toEqual(value);
  });

  it('never throws and never invents a value', () => {
    fc.assert(
      fc.property(fc.string(), (source) => {
        const value = resolvePlain(source);
        if (typeof value === 'string') expect(value).toBe(source);
      }),
    );
  });

  it.each([['.inf'], ['.nan'], ['!!int no']])('%p is a mistake', (yaml) => {
    expect(broken(`${HEAD}value: ${yaml}`)).toHaveLength(1);
  });
});

describe('a text of many documents', () => {
  it('reads back what was written, with the line of each', () => {
    const manifest = fc.record({
      apiVersion: fc.constant('v1'),
      kind: fc.constant('ConfigMap'),
      data: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())),
    });
    fc.assert(
      fc.property(fc.array(manifest, { minLength: 1, maxLength: 4 }), (manifests) => {
        const texts = manifests.map((m) => stringify(m, { version: '1.1' }));
        const found = objects(texts.join('---\n'));
        expect(found.map((f) => ({ ...f.manifest }))).toEqual(
          manifests.map((m) => ({ ...m, data: expect.objectContaining(m.data) as unknown })),
        );
        let line = 1;
        for (const [i, text] of texts.entries()) {
          // From the second on, a document begins at its marker.
          const first = i === 0 ? line : line + 1;
          expect(found[i]?.position('').line).toBe(first);
          line = first + text.split('\n').length - 1;
        }
      }),
      { numRuns: 300 },
    );
  });

  it('passes over what is empty', () => {
    expect(objects('')).toEqual([]);
    expect(objects('---\n# nothing\n---\n\n...\n---\n')).toEqual([]);
  });

  it('reads the rest when one is broken', () => {
    const text = `${HEAD}---\n${HEAD}a: [1\n---\n${HEAD}`;
    expect([...readDocuments(text)].map((d) => d.kind)).toEqual(['object', 'broken', 'object']);
  });

  it('reads JSON, indented by tabs or not at all', () => {
    expect(objects('{\n\t"apiVersion": "v1",\n\t"kind": "Pod"\n}')).toHaveLength(1);
    expect(objects('{"apiVersion":"v1","kind":"Pod","metadata":null}')).toHaveLength(1);
  });

  it('reads the items of a List one by one', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- 5\n- {apiVersion: v1, kind: Secret}\n`;
    const documents = [...readDocuments(text)];
    expect(documents.map((d) => (d.kind === 'broken' ? d.message : d.manifest.kind))).toEqual([
      'Pod',
      'not a Kubernetes manifest: items[1] of the List has no apiVersion and kind',
      'Secret',
    ]);
  });

  it('finds the place of a field, or of the nearest that is there', () => {
    const text = `# web\n${HEAD}spec:\n  containers:\n    - name: a\n      env:\n        - {name: A, value: on}\nmetadata:\n  labels:\n    app.kubernetes.io/name: x\n`;
    const [found] = objects(text);
    expect(found?.position('spec.containers[0].env[0].value')).toEqual({ line: 8, column: 21 });
    expect(found?.position('spec.containers[0].image')).toEqual({ line: 6, column: 7 });
    expect(found?.position('spec.containers[3].image')).toEqual({ line: 5, column: 3 });
    expect(found?.position('metadata.labels[app.kubernetes.io/name]')).toEqual({
      line: 11,
      column: 5,
    });
    expect(found?.position('')).toEqual({ line: 2, column: 1 });
  });
});

describe('what is no manifest', () => {
  it.each([
    ['- a\n- b\n', '1:1 a manifest must be a mapping with apiVersion and kind'],
    ['text\n', '1:1 a manifest must be a mapping with apiVersion and kind'],
    ['a: 1\n', '1:1 not a Kubernetes manifest: apiVersion must be a string; it is missing'],
    [
      'apiVersion: 1\nkind: Pod',
      '1:1 not a Kubernetes manifest: apiVersion must be a string; received 1',
    ],
    [
      'apiVersion: v1\nkind: ~',
      '1:1 not a Kubernetes manifest: kind must be a string; received null',
    ],
    [`${HEAD}a: 1\nb: 2\na: 3\n`, '5:1 key "a" is given twice'],
    [`${HEAD}on: 1\n"true": 2\n`, '4:1 key "true" is given twice'],
    [`{"apiVersion":"v1",\n"kind":"Pod","kind":"Pod"}`, '2:14 key "kind" is given twice'],
    [`${HEAD}a: *nobody\n`, '3:4 unknown anchor nobody'],
    [`${HEAD}a: &a [*a]\n`, '3:8 the anchor a contains itself'],
    [`${HEAD}? [a, b]\n: 1\n`, '3:3 a key must be a scalar'],
    [
      `${HEAD}a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`,
      /nested too deeply|more than 1000 levels/,
    ],
    [
      `${HEAD}a: ${'{a: '.repeat(3_000)}${'}'.repeat(3_000)}`,
      /nested too deeply|more than 1000 levels/,
    ],
    [
      HEAD + ' '.repeat(5 * 1024 * 1024),
      /the document is \d+ characters long, allowed are 4194304/,
    ],
  ])('%p', (text, message) => {
    const mistakes = broken(text);
    expect(mistakes).toHaveLength(1);
    if (typeof message === 'string') expect(mistakes[0]).toBe(message);
    else expect(mistakes[0]).toMatch(message);
  });

  it('is a document that grows by its aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]\n`,
    );
    expect(broken(`${HEAD}a0: &a0 [lol]\n${levels.join('')}`)).toEqual([
      expect.stringContaining('the document contains excessive aliasing'),
    ]);
  });

  it('never makes the reader throw', () => {
    const piece = fc.constantFrom(
      ...[
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
      ],
      ...[
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
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        for (const document of readDocuments(HEAD + pieces.join(''))) {
          if (document.kind === 'object') document.position('a[0].b');
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('anchors', () => {
  it('are expanded, and merged beneath the keys that are given', () => {
    const text = `${HEAD}base: &base {a: 1, b: 2}\nuse: *base\nmerged:\n  <<: *base\n  b: 3\n`;
    expect(objects(text)[0]?.manifest).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      base: { a: 1, b: 2 },
      use: { a: 1, b: 2 },
      merged: { a: 1, b: 3 },
    });
  });
});
