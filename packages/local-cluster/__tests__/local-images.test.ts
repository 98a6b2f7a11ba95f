import { exportImage, storedNames } from '../local-images';

describe('storedNames', () => {
  it('looks for what a build stored before what a pull stored', () => {
    expect(storedNames('user')).toEqual(['localhost/user:latest', 'docker.io/library/user:latest']);
    expect(storedNames('redis:5.0')).toEqual([
      'localhost/redis:5.0',
      'docker.io/library/redis:5.0',
    ]);
  });

  it('takes a name with a registry at its word', () => {
    expect(storedNames('docker.io/library/user')).toEqual(['docker.io/library/user:latest']);
    expect(storedNames('localhost/user:1')).toEqual(['localhost/user:1']);
    expect(storedNames('quay.io/team/user')).toEqual(['quay.io/team/user:latest']);
  });
});

describe('exportImage', () => {
  it('refuses a digest, which an archive would lose', async () => {
    await expect(exportImage(`user@sha256:${'a'.repeat(64)}`, '/nowhere')).rejects.toThrow(
      'load it by its tag',
    );
  });
});
