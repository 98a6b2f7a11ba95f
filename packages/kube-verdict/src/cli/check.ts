import { identityOf } from '../verdict/identity';
import type { PodSecurityLevel } from '../verdict/judgement';
import type { Verdict } from '../verdict/verdict';
import { InOrder } from './in-order';
import { InputError } from './inputs';
import type { Report } from './report';
import { enforcedLevels, objectsOf } from './set';

/** Judges the creation of every object of the files and folders. */
export async function check(
  loading: Promise<Verdict>,
  paths: readonly string[],
  podSecurity: PodSecurityLevel | undefined,
  report: Report,
): Promise<void> {
  const levels = await enforcedLevels(paths);
  const output = new InOrder();
  for await (const found of objectsOf(paths)) {
    if (found instanceof InputError) {
      await output.add(Promise.resolve(), () => {
        report.broken(found);
      });
      continue;
    }
    const { manifest } = found;
    const judged = loading.then(async (verdict) => {
      const identity = identityOf(manifest, verdict.kinds);
      const level = levels.of(identity.namespace, podSecurity);
      return { identity, judgement: await verdict.create(manifest, { podSecurity: level }) };
    });
    await output.add(judged, (result) => {
      report.finding({ ...found, ...result });
    });
  }
  await output.done();
}
