import { ClusterRefusal } from '../refusal';
import { until } from '../until';

describe('until', () => {
  test('returns what it finds', async () => {
    let looks = 0;
    const found = await until({ what: 'it', deadline: 5_000, interval: 1 }, () =>
      Promise.resolve(++looks < 3 ? { seen: 'nothing yet' } : { found: looks }),
    );
    expect(found).toBe(3);
  });

  test('says at the deadline what it waited for and what it last saw', async () => {
    let looks = 0;
    const waiting = until({ what: 'three Pods', deadline: 30, interval: 5 }, () =>
      Promise.resolve({ seen: `look ${++looks}` }),
    );
    await expect(waiting).rejects.toThrow(ClusterRefusal);
    await expect(waiting).rejects.toThrow(/^waited 0.03 s for three Pods; last seen: look \d+$/);
    expect(looks).toBeGreaterThan(1);
  });

  test('looks at least once, even with no time left', async () => {
    const found = await until({ what: 'it', deadline: 0 }, () => Promise.resolve({ found: true }));
    expect(found).toBe(true);
  });

  test('ends at once when looking itself fails', async () => {
    const broken = () => Promise.reject(new Error('cannot look'));
    await expect(until({ what: 'it', deadline: 60_000 }, broken)).rejects.toThrow('cannot look');
  });
});
