import { cacheFolder } from '../cache-folder';

describe('cacheFolder', () => {
  it('follows XDG_CACHE_HOME where it is absolute', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/big' })).toBe('/big/user-service-kubernetes');
    expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(cacheFolder({}));
  });
});
