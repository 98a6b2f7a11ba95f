import { CommandError } from '../../command';

/** The commands that do all set-up, as a README tells them: those in its blocks of `sh` that begin with `npm ci`. */
export function setUpCommands(readme: string): string[] {
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const commands = blocks
    .flatMap((block) => block.split('\n'))
    .filter((line) => line.startsWith('npm ci'))
    .map((line) => line.replace(/\s+#.*$/, '').trimEnd());
  if (!commands.some((command) => command.endsWith('npm test')))
    throw new CommandError(
      `README.md must tell in a block of sh how to test, as npm ci && npm test; it tells ${commands.join(', ') || 'nothing'}`,
    );
  return commands;
}
