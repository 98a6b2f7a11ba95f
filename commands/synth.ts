/** `npm run synth`: writes dist, or leaves it as it was and says why. */
import { parseArguments, runCommand } from './command';
import { stageSynthesis } from './synthesis';

runCommand(async (argv) => {
  parseArguments(argv, { usage: 'npm run synth', options: {} });
  await stageSynthesis(process.cwd(), async ({ replace, summary }) => {
    await replace();
    console.log(summary);
  });
});
