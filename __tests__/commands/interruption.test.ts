import { Interruption, interruptions, unlessAborted } from '../../commands/interruption';

it('does not wait for work that goes on when a signal comes', async () => {
  const controller = new AbortController();
  const endless = new Promise<never>(() => undefined);
  const raced = unlessAborted(controller.signal, endless);
  controller.abort(new Interruption('SIGTERM'));
  await expect(raced).rejects.toThrow('interrupted by SIGTERM');
});

it('does not begin to wait when the signal has come before', async () => {
  const signal = AbortSignal.abort(new Interruption('SIGINT'));
  await expect(unlessAborted(signal, new Promise<never>(() => undefined))).rejects.toThrow(
    'interrupted by SIGINT',
  );
});

it('does not wait for work of which a promise failed that nobody waited for', async () => {
  const signal = interruptions('stopping', () => undefined);
  const raced = unlessAborted(signal, new Promise<never>(() => undefined));
  process.emit('unhandledRejection', new Error('forgotten'), Promise.resolve());
  await expect(raced).rejects.toThrow('forgotten');
});

it('hands on what the work returns or throws', async () => {
  const { signal } = new AbortController();
  await expect(unlessAborted(signal, Promise.resolve(3))).resolves.toBe(3);
  await expect(unlessAborted(signal, Promise.reject(new Error('no Pods')))).rejects.toThrow(
    'no Pods',
  );
});

it('ends with the exit code that a shell has for a program which a signal ended', () => {
  expect(new Interruption('SIGINT').exitCode).toBe(130);
  expect(new Interruption('SIGTERM').exitCode).toBe(143);
});
