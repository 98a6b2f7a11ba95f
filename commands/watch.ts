/** `npm run synth:watch`: synthesizes whenever a source of the app is saved, and prints what changed. */
import { watch } from 'chokidar';
import { parseArguments, runCommand, CommandError } from './command';
import { IMAGE_CATALOG, stageSynthesis } from './synthesis';

const SOURCES = ['main.ts', 'environments.ts', 'lib', 'imports', IMAGE_CATALOG];

runCommand((argv) => {
  parseArguments(argv, { usage: 'npm run synth:watch', options: {} });
  let running = false;
  let again = false;

  /** One synthesis at a time; whatever is saved meanwhile makes for one more. */
  async function synthesize(): Promise<void> {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      console.log(await outcome());
    }
    running = false;
  }

  watch(SOURCES, {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: 50, pollInterval: 10 },
  })
    .on('all', () => void synthesize())
    .on('ready', () => {
      console.log(`watching ${SOURCES.join(', ')}`);
      void synthesize();
    });
});

async function outcome(): Promise<string> {
  const time = new Date().toLocaleTimeString('en-GB');
  try {
    return await stageSynthesis(process.cwd(), async ({ replace, summary }) => {
      await replace();
      return `${time} ${summary}`;
    });
  } catch (error) {
    // The next save may well be the fix.
    if (error instanceof CommandError) return `${time} ${error.message}`;
    throw error;
  }
}
