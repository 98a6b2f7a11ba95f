import { parseImageCatalog } from '../../lib/workload/image-catalog';

const parse = (text: string) => parseImageCatalog('images.json', text, ['user', 'redis']);

describe('an image catalog', () => {
  test('has an image for each container', () => {
    expect(parse('{"user": "user", "redis": "redis:5.0"}')).toEqual({
      user: 'user',
      redis: 'redis:5.0',
    });
  });
  test.each([
    ['{"user": "user",}', '[images.json] catalog: must be JSON ('],
    ['["user"]', '[images.json] catalog: must be an object'],
    ['null', '[images.json] catalog: must be an object'],
    ['{"user": "user"}', '[images.json] redis: must be given, as a string; received undefined'],
    ['{"user": "user", "redis": 5}', '[images.json] redis: must be given, as a string; received 5'],
    [
      '{"user": "u", "redis": "r", "mysql": "m"}',
      '[images.json] mysql: must be a container, one of user, redis',
    ],
  ])('is not %s', (text, refusal) => {
    expect(() => parse(text)).toThrow(refusal);
  });
});
