import { basename } from 'node:path';
import { ADDON_NAMES } from '../../cluster';
import { packagesOf, requiredVersion } from '../../go-programs';
import { addonsOf } from '../../node/addons/addons';
import { repositoryNamed } from '../../node/addons/git';

describe('addonsOf', () => {
  it('has an addon for every name that can be asked for', () => {
    expect(
      addonsOf(ADDON_NAMES)
        .map(([name]) => name)
        .sort(),
    ).toEqual([...ADDON_NAMES].sort());
  });

  it('leaves out what another version knows', () => {
    expect(addonsOf(['of-tomorrow'])).toEqual([]);
  });
});

describe('an addon', () => {
  const images = addonsOf(ADDON_NAMES).flatMap(([, { images = [] }]) => images);

  it.each(images)('builds the program of its image: $program', ({ module, program }) => {
    expect(packagesOf(module).map((path) => basename(path))).toContain(program);
    const { folder, of } = module;
    if (of !== undefined) expect(requiredVersion({ folder, of })).toMatch(/^v\d/);
  });
});

describe('a Git repository', () => {
  it.each(['', 'Demo', '../x', 'a b', '-x'])('cannot be named %j', (name) => {
    expect(() => repositoryNamed(name)).toThrow(`got "${name}"`);
  });
});
