import { type ProtectionRow, protectionsSvg } from '../../commands/protections-svg';

const measured: ProtectionRow = {
  event: 'image change',
  requests: 10_432,
  failed: 0,
  secondsAway: 0,
  lost: 0,
  accounts: 5_000,
};

/** What a reader sees: the words, and those of them in red. */
function read(rows: readonly ProtectionRow[]): { words: string[]; red: string[] } {
  const svg = protectionsSvg({ basis: ['Measured on two nodes.'], rows });
  const texts = [...svg.matchAll(/<text [^>]*fill="([^"]*)"[^>]*>([^<]*)</g)];
  return {
    words: texts.map(([, , words = '']) => words),
    red: texts.flatMap(([, colour, words = '']) => (colour === '#ff7b72' ? [words] : [])),
  };
}

it('has a row for each protection, and one for all of them', () => {
  const { words } = read([
    measured,
    { ...measured, without: 'grace period', failed: 312, harm: '312 failed' },
  ]);
  expect(words).toEqual(
    expect.arrayContaining(['all protections on', 'grace period', 'of 10,432', 'image change']),
  );
});

it('shows harm in red: what failed, how long nobody was answered, which accounts are lost', () => {
  const without = 'grace period';
  const harm = 'harm';
  expect(read([measured, { ...measured, without, failed: 312, harm }]).red).toEqual(['312 failed']);
  expect(
    read([measured, { ...measured, without, failed: 900, secondsAway: 4.25, harm }]).red,
  ).toEqual(['900 failed', 'away for 4.3 s']);
  expect(read([measured, { ...measured, without, failed: 9, lost: 87, harm }]).red).toEqual([
    '9 failed',
    '87 accounts lost',
  ]);
  expect(
    read([measured, { ...measured, without, raced: { emails: 50, twice: 43 }, harm }]).red,
  ).toEqual(['43 given twice']);
});

it('shows in no red what does no harm, also where a killed process failed what it was doing', () => {
  expect(read([measured, { ...measured, without: 'grace period', failed: 12 }]).red).toEqual([]);
});
