/** `npm run synth`: writes dist, or leaves it as it was and says why. */
import { parseArguments, runCommand } from './command';
import { describeChanges, stageSynthesis } from './synthesis';

runCommand(async (argv) => {
  parseArguments(argv, { usage: 'npm run synth', options: {} });
  const changes = await stageSynthesis(process.cwd(), (staged) => {
    staged.replace();
    return staged.changes;
  });
  console.log(changes.length > 0 ? describeChanges(changes) : 'dist is unchanged');
});
