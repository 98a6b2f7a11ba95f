/** An environment that a check makes of the constructs, where dist has another. */
import { Chart, Testing } from 'cdk8s';
import { App, Environment } from '../../lib';
import type { TestContext } from '../harness/test-context';
import type { Draft } from './production';

/**
 * What `define` adds to the environment `production`, as `npm run synth` would write it to dist/production.
 *
 * @param charts names of files. @default all
 * @throws {Error} with all that is not valid.
 */
export function synthesized(
  context: TestContext,
  define: (environment: Environment) => void,
  charts?: readonly string[],
): readonly Draft[] {
  const environment = new Environment(new App({ outdir: '/nowhere' }), 'production');
  define(environment);
  const all = environment.node.findAll();
  const errors = all.flatMap(({ node }) => node.validate());
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return all
    .filter((construct) => construct instanceof Chart)
    .filter(({ node }) => node.scope?.node.id === 'production')
    .filter(({ node }) => charts?.includes(node.id) ?? true)
    .flatMap((chart) => Testing.synth(chart) as Draft[])
    .map((draft) => context.withFault(draft));
}
