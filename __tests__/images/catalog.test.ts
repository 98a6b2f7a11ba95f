import fc from 'fast-check';
import { parseImageCatalog, replaceImage, type ValidationError } from '../../lib';

const parse = (text: string) =>
  parseImageCatalog('images.json', text, ['user', 'redis', 'production/redis']);

/** What is wrong with a catalog, a line each. */
function errorsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    return (error as ValidationError).errors;
  }
  return [];
}

const VALID =
  '{\n  "user": "user",\n  "redis": "redis:5.0",\n  "production/redis": "redis:7.4"\n}\n';

describe('an image catalog', () => {
  it('has an image for each use', () => {
    expect(parse(VALID)).toEqual({
      user: 'user',
      redis: 'redis:5.0',
      'production/redis': 'redis:7.4',
    });
  });

  it.each([
    [
      'that is no JSON',
      VALID.replace('"user",', '"user"'),
      '[images.json:3] catalog: must be JSON (comma expected); received "\\"redis\\": \\"redis:5.0\\","; correct it',
    ],
    [
      'with a comment',
      VALID.replace('\n}', '\n  // none\n}'),
      '[images.json:5] catalog: must be JSON (invalid comment token); received "// none"; correct it',
    ],
    [
      'that is a list',
      '["user"]',
      '[images.json] catalog: must be an object with an image for each use; received "[\\"user\\"]"; write it as {"redis": "redis:5.0"}',
    ],
    [
      'that is empty',
      '',
      '[images.json:1] catalog: must be JSON (value expected); received ""; correct it',
    ],
    [
      'without a use',
      VALID.replace('  "user": "user",\n', ''),
      '[images.json] user: must be given; received undefined; add a line such as "user": "user:1.0"',
    ],
    [
      'without a use of an environment',
      VALID.replace(/,\n.*"production\/redis".*/, ''),
      '[images.json] production/redis: must be given; received undefined; add a line such as "production/redis": "redis:1.0"',
    ],
    [
      'with a misspelt use, which is one mistake',
      VALID.replace('"redis":', '"rediss":'),
      '[images.json:3] rediss: must be one of user, redis, production/redis; received "redis:5.0"; rename it to "redis", which is missing',
    ],
    [
      'with a use that nobody has',
      VALID.replace('  "redis"', '  "mysql": "mysql",\n  "redis"'),
      '[images.json:3] mysql: must be one of user, redis, production/redis; received "mysql"; rename or remove it',
    ],
    [
      'with a use given twice',
      VALID.replace('"redis:5.0",', '"redis:5.0",\n  "redis": "redis:6.0",'),
      '[images.json:4] redis: must be given once, and line 3 already gives it; received "redis:6.0"; remove one of the two',
    ],
    [
      'with a use given twice, once in other letters of JSON',
      VALID.replace('"redis:5.0",', '"redis:5.0",\n  "r\\u0065dis": "redis:6.0",'),
      '[images.json:4] redis: must be given once, and line 3 already gives it; received "redis:6.0"; remove one of the two',
    ],
    [
      'with an image that is none',
      VALID.replace('redis:5.0', 'Redis:5.0'),
      '[images.json:3] redis: must be an image reference, [registry/]path[:tag][@digest]; received "Redis:5.0"; write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"',
    ],
    [
      'with an image that is no string',
      VALID.replace('"redis:5.0"', '5.0'),
      '[images.json:3] redis: must be an image reference, [registry/]path[:tag][@digest]; received 5; write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"',
    ],
  ])('%s has one error, with its line', (_, text, error) => {
    expect(errorsOf(text)).toEqual([error]);
    // Windows' line ends make no difference.
    expect(errorsOf(text.replaceAll('\n', '\r\n'))).toEqual([error]);
  });

  it('is JSON for nobody else if it is none here, and the other way round', () => {
    const token = fc.constantFrom(
      ...['{', '}', '[', ']', ':', ',', '"a"', '"b"', '1', '-', '0', 'e', '.', 'true', 'null'],
      ...[' ', '\n', '\t', '\r', '\f', '\u00a0', '\ufeff', '"\\u00', '"', '\\', '//', '/*', '*/'],
    );
    const nearlyJson = fc
      .tuple(
        fc.json(),
        fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.oneof(token, fc.string({ maxLength: 1 })))),
      )
      .map(([json, edits]) =>
        edits.reduce(
          (text, [at, removed, inserted]) =>
            text.slice(0, at % (text.length + 1)) +
            inserted +
            text.slice((at % (text.length + 1)) + removed),
          `{"a": ${json}}`,
        ),
      );
    fc.assert(
      fc.property(nearlyJson, (text) => {
        const isJson = !errorsOf(text).some((error) => error.includes('catalog: must be JSON'));
        expect(isJson).toBe(parses(text));
      }),
      { numRuns: 2000 },
    );
  });

  const image = fc.stringMatching(/^[a-z]{1,8}:[a-z0-9]{1,5}$/);
  const space = fc.constantFrom('', ' ', '\t', '\n', '\r\n', '\r\n  ');
  const catalog = fc
    .tuple(
      fc.uniqueArray(fc.tuple(fc.stringMatching(/^[a-z/]{1,8}$/), image), {
        minLength: 1,
        maxLength: 5,
        selector: ([use]) => use,
      }),
      fc.array(space, { minLength: 1, maxLength: 30 }),
    )
    .map(([entries, spaces]) => {
      let at = 0;
      const s = () => spaces[at++ % spaces.length] ?? '';
      const lines = entries.map(([use, value]) => `${s()}"${use}"${s()}:${s()}"${value}"${s()}`);
      return { entries, text: `${s()}{${lines.join(',')}}${s()}` };
    });

  it('keeps all but the image that is replaced: order, spaces, line ends, and how the file ends', () => {
    fc.assert(
      fc.property(catalog, fc.nat(), image, ({ entries, text }, n, replacement) => {
        const [use, previous] = entries[n % entries.length] ?? ['', ''];
        const replaced = replaceImage(text, use, replacement);
        expect(parseImageCatalog('', replaced)).toEqual({
          ...Object.fromEntries(entries),
          [use]: replacement,
        });
        const at = /:\s*"/.exec(text.slice(text.indexOf(`"${use}"`)));
        const start = text.indexOf(`"${use}"`) + (at?.index ?? 0) + (at?.[0].length ?? 0);
        expect(replaced).toBe(
          text.slice(0, start) + replacement + text.slice(start + previous.length),
        );
      }),
    );
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
