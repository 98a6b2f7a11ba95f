import { Steps } from '..';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function longStep(seconds: number, places: readonly string[] = []): Promise<readonly string[]> {
  const printed: string[] = [];
  const step = new Steps((line) => printed.push(line)).step('remove files', async (at) => {
    for (const place of places) at(place);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  });
  return Promise.all([step, jest.advanceTimersByTimeAsync(seconds * 1000)]).then(() => printed);
}

it('says of a short step only that it is done', async () => {
  expect(await longStep(1)).toEqual(['  ok   remove files (1.0 s)']);
});

it('says that a long step has begun, and again and again that it goes on', async () => {
  expect(await longStep(40)).toEqual([
    '  ...  remove files',
    '  ...  remove files (15.0 s)',
    '  ...  remove files (30.0 s)',
    '  ok   remove files (40.0 s)',
  ]);
});

it('says where a long step is', async () => {
  expect(await longStep(20, ['etcd, 1 of 2', 'containerd, 2 of 2'])).toEqual([
    '  ...  remove files: containerd, 2 of 2',
    '  ...  remove files: containerd, 2 of 2 (15.0 s)',
    '  ok   remove files (20.0 s)',
  ]);
});
