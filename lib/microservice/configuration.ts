import type { Endpoint } from '../network/endpoint';
import { secretFolder } from '../secrets/secret';
import type { MicroserviceProps } from './props';

/** What is written where a prop is left out; times in seconds. */
export const DEFAULTS = {
  replicas: 3,
  /** Beyond what passes before requests are no longer taken. */
  gracePeriod: 25,
  minReady: 10,
  progressDeadline: 600,
  user: 65532,
} as const;

/** HOST of an endpoint under the prefix MYSQL is MYSQL_HOST; its files are named by variables that end with _FILE. */
export function variablesOf(uses: Readonly<Record<string, Endpoint>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(uses).flatMap(([prefix, { variables, files }]) => [
      ...Object.entries(variables).map(([name, value]) => [`${prefix}_${name}`, value]),
      ...Object.entries(files).map(([name, { secret, key }]) => [
        `${prefix}_${name}_FILE`,
        `${secretFolder(secret)}/${key}`,
      ]),
    ]),
  ) as Record<string, string>;
}

/** The files of Secrets, by the variables that name them. */
export function secretVariables(
  secrets: NonNullable<MicroserviceProps['secrets']>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([variable, { from, key }]) => [
      variable,
      `${secretFolder(from.name)}/${key}`,
    ]),
  );
}
