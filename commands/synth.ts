/** `npm run synth`: writes dist, or leaves it as it was and says why. */
import { parseArguments, runCommand } from './command';
import { stageSynthesis } from './synthesis';

runCommand(async (argv) => {
  const { values } = parseArguments(argv, {
    usage: 'npm run synth [-- --accept-irreversible [ENVIRONMENT/]KIND/NAME…]',
    options: { 'accept-irreversible': { type: 'string', multiple: true } },
  });
  await stageSynthesis(
    process.cwd(),
    async ({ replace, summary }) => {
      await replace();
      console.log(summary);
    },
    { acceptIrreversible: values['accept-irreversible'] ?? [] },
  );
});
