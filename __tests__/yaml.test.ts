import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from '../lib';
import { ask } from './oracles/ask';

/** Strings that some parser of YAML takes for something else, and all others. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.stringMatching(/^[-+]?0?[oOxXbB.]?[0-9a-fA-F_.:]{0,6}([eE][-+]?[0-9]{1,2})?$/),
  fc.constantFrom(
    ...[
      '0o022',
      '0O17',
      '0B1',
      '-0o7',
      '0x1F',
      '1_000',
      '12e03',
      '1_e3',
      '_0',
      '+_0',
      '_0x1',
      '1:30',
      '.5',
      '.inf',
      '.NaN',
    ],
    ...[
      'yes',
      'No',
      'on',
      'y',
      'null',
      '~',
      '',
      '=',
      '<<',
      '2001-01-01',
      '#',
      '- a',
      'a: b',
      '---',
    ],
    ...['\u0085', '\u007f', 'a\u2028b', '\u2029', '\ufeffa', 'a\u0000b', '\u009f', 'a\n\u0085\nb'],
  ),
);
/** But `<<`, which kubectl merges however it is written, and which is no key of any object. */
const key = text.filter((some) => some !== '<<');
const manifest = fc.dictionary(
  key,
  fc.oneof(
    text,
    fc.array(text, { maxLength: 3 }),
    fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
    fc.integer(),
    fc.boolean(),
  ),
  { minKeys: 1, maxKeys: 4, noNullPrototype: true },
);

/** What is left of a value in UTF-8, in which Go and files are: half of a surrogate pair is not. */
function isUtf8(value: unknown): boolean {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(
    JSON.stringify(value).replace(/\\u(d[89a-f]..)/g, '\ud800'),
  );
}

describe('the text of manifests', () => {
  it('is read by kubectl as what was written, and by YAML 1.1 and 1.2', () => {
    const manifests = fc.sample(manifest, 3000).filter(isUtf8);
    const texts = manifests.map(toYaml);
    const read = ask<unknown>('yaml', texts);
    manifests.forEach((written, index) => {
      expect(read[index]).toEqual(written);
      expect(parse(texts[index] ?? '', { version: '1.1' })).toEqual(written);
      expect(parse(texts[index] ?? '', { version: '1.2' })).toEqual(written);
    });
  });

  it('is that of cdk8s for all that has none of these', () => {
    const printable = fc
      .string({ maxLength: 12 })
      .filter((some) => !/^[-+_]*0_*[box]|^[-+.0-9][-+.0-9e]*_/i.test(some));
    const ordinary = fc.dictionary(printable, fc.oneof(printable, fc.array(printable)));
    fc.assert(
      fc.property(ordinary, (manifest) => {
        expect(toYaml(manifest)).toBe(Yaml.stringify(manifest));
      }),
    );
  });

  it('writes a string in one way, whatever stands beside it', () => {
    expect(toYaml({ a: '_0' })).toBe('a: _0\n');
    expect(toYaml({ a: '_0', b: '0o17' })).toBe('a: _0\nb: "0o17"\n');
  });
});
