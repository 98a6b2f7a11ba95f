import { clusterProvider } from '../cluster-provider';

describe('clusterProvider', () => {
  const print = () => undefined;

  it('uses the context that is named, by the options before the environment', async () => {
    const env = { E2E_CONTEXT: 'theirs' };
    const description = async (options: { context?: string }, of: NodeJS.ProcessEnv) =>
      (await clusterProvider({ print, ...options }, of)).description;
    expect(await description({ context: 'mine' }, env)).toBe('the cluster of context mine');
    expect(await description({}, env)).toBe('the cluster of context theirs');
  });

  it.each([{ nodes: 2 } as const, { addons: ['git'] } as const])(
    'does not ask %j of a cluster that somebody else made',
    async (options) => {
      await expect(clusterProvider({ print, context: 'mine', ...options }, {})).rejects.toThrow(
        'mine names another; leave them out',
      );
    },
  );

  it('asks no addons of kind', async () => {
    await expect(
      clusterProvider({ print, provider: 'kind', addons: ['flux', 'git'] }, {}),
    ).rejects.toThrow('got flux, git; choose --provider node');
  });
});
