/** `npm run audit`: what tools of others say against the environments of dist, beyond the exceptions that are named. */
import { readdirSync, readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, parseArguments, runCommand } from '../command';
import { audit, type Exception, type Finding } from './findings';
import { installed, NOT_RUN, TOOLS } from './tools';

const EXCEPTIONS = join(__dirname, 'exceptions.json');

runCommand((argv) => {
  parseArguments(argv, { usage: 'npm run audit', options: {} });
  const environments = readdirSync('dist').filter((name) =>
    existsSync(join('dist', name, '00-namespace.k8s.yaml')),
  );
  const exceptions = JSON.parse(readFileSync(EXCEPTIONS, 'utf8')) as Exception[];
  const findings: Finding[] = [];
  const ran: string[] = [];
  const missing: string[] = [];
  for (const tool of TOOLS) {
    try {
      const found = tool.findings(installed(tool), environments);
      findings.push(...found);
      ran.push(tool.name);
      console.log(`ran      ${tool.name} ${tool.version}: ${found.length} findings`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      missing.push(tool.name);
      console.log(`not run  ${tool.name} ${tool.version}: ${error.message}`);
    }
  }
  for (const reason of NOT_RUN) console.log(`not run  ${reason}`);
  const { unexpected, unneeded } = audit(findings, exceptions, ran);
  for (const { tool, check, object, message } of unexpected)
    console.log(`${object}: ${tool} ${check}: ${message}`);
  for (const { exception, object } of unneeded)
    console.log(
      `${object}: ${exception.tool} ${exception.check}: nothing raises it any more; remove it from commands/audit/exceptions.json`,
    );
  const wrong = unexpected.length + unneeded.length;
  if (wrong > 0)
    throw new CommandError(
      `${wrong} to fix, or to give a reason for in commands/audit/exceptions.json`,
    );
  if (ran.length === 0) throw new CommandError(`nothing was run: ${missing.join(', ')}`);
  console.log(
    `no finding on ${environments.join(' and ')} but ${findings.length} that are excepted`,
  );
});
