/** `npm run synth`: writes dist, or leaves it as it was and says why. */
import { parseArguments, runCommand } from './command';
import { describeChanges, stageSynthesis } from './synthesis';

runCommand(async (argv) => {
  const { values } = parseArguments(argv, {
    usage: 'npm run synth [-- --accept-irreversible [ENVIRONMENT/]KIND/NAME…]',
    options: { 'accept-irreversible': { type: 'string', multiple: true } },
  });
  const changes = await stageSynthesis(
    process.cwd(),
    (staged) => {
      staged.replace();
      return staged.changes;
    },
    { acceptIrreversible: values['accept-irreversible'] ?? [] },
  );
  console.log(changes.length > 0 ? describeChanges(changes) : 'dist is unchanged');
});
