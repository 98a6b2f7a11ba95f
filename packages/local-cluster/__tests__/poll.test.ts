import { ClusterError } from '../cluster-error';
import { poll } from '../poll';

describe('poll', () => {
  it('returns what it finds', async () => {
    let polls = 0;
    const found = await poll({ what: 'it', timeout: 5_000, interval: 1 }, () =>
      Promise.resolve(++polls < 3 ? { lastSeen: 'nothing yet' } : { found: polls }),
    );
    expect(found).toBe(3);
  });

  it('says at the timeout what it waited for and what it last saw', async () => {
    let polls = 0;
    const waiting = poll({ what: 'three Pods', timeout: 300, interval: 5 }, () =>
      Promise.resolve({ lastSeen: `poll ${++polls}` }),
    );
    await expect(waiting).rejects.toThrow(ClusterError);
    await expect(waiting).rejects.toThrow(/^waited 0.3 s for three Pods; last seen: poll \d+$/);
    expect(polls).toBeGreaterThan(1);
  });

  it('asks at least once, even with no time left', async () => {
    const found = await poll({ what: 'it', timeout: 0 }, () => Promise.resolve({ found: true }));
    expect(found).toBe(true);
  });

  it('ends at once when asking itself fails', async () => {
    const broken = () => Promise.reject(new Error('cannot ask'));
    await expect(poll({ what: 'it', timeout: 60_000 }, broken)).rejects.toThrow('cannot ask');
  });
});
