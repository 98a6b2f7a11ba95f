/** Finds what suites need, and installs what is missing, in one go. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  ClusterError,
  findProgram,
  installCommand,
  installPackages,
  Steps,
  whyNotInstall,
} from 'local-cluster';
import { CommandError } from '../command';
import { type NeedName, NEEDS } from './needs';

/**
 * Where each need is: a path, or `NAME=VALUE` of the variable that has its address. Installs all that is missing.
 *
 * @throws {CommandError} naming all that is missing, with the command to type, where it may not be installed.
 */
export async function provide<N extends NeedName>(
  names: readonly N[],
  steps = new Steps(console.log),
): Promise<Readonly<Record<N, string>>> {
  const missing = names.filter((name) => findNeed(name) === undefined);
  if (missing.length > 0) await install(missing, steps);
  return Object.fromEntries(names.map((name) => [name, findNeed(name) ?? ''])) as Record<N, string>;
}

/**
 * Where a need is, undefined if nowhere.
 *
 * @throws {CommandError} when its variable names a program that is not there.
 */
export function findNeed(name: NeedName): string | undefined {
  const { anyOf, variable, address, probe, orElse = [] } = NEEDS[name];
  // An empty variable is an unset one, as in a CI job's settings.
  const given = variable === undefined ? '' : (process.env[variable] ?? '');
  if (given !== '') {
    const path = find(given);
    if (path !== undefined) return path;
    throw new CommandError(
      `${variable} must name a program; received ${given}, which is not there`,
    );
  }
  if (address !== undefined && process.env[address]) return `${address}=${process.env[address]}`;
  const path = firstOf(anyOf);
  const whole = path !== undefined && (probe === undefined || succeeds(probe));
  if (whole) return path;
  return whyNotInstall() === undefined ? undefined : firstOf(orElse);
}

/** The variables by which suites are given the programs that were found. */
export function needVariables(
  found: Readonly<Partial<Record<NeedName, string>>>,
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    (Object.keys(found) as NeedName[]).flatMap((name) => {
      const { variable } = NEEDS[name];
      return variable === undefined ? [] : [[variable, found[name]]];
    }),
  );
}

async function install(missing: readonly NeedName[], steps: Steps): Promise<void> {
  const packages = packagesOf(missing);
  const obstacle =
    whyNotInstall() ??
    (missing.some((name) => NEEDS[name].packages === undefined)
      ? 'Debian does not have all of it'
      : undefined);
  if (obstacle !== undefined) throw new CommandError(describeMissing(missing, obstacle));
  try {
    await installPackages(packages, steps);
  } catch (error) {
    throw error instanceof ClusterError ? new CommandError(error.message, { cause: error }) : error;
  }
  const still = missing.filter((name) => findNeed(name) === undefined);
  if (still.length > 0)
    throw new CommandError(describeMissing(still, `${installCommand(packages)} did not bring it`));
}

function describeMissing(names: readonly NeedName[], obstacle: string): string {
  const lines = names.map((name) => {
    const { anyOf, from, variable, address } = NEEDS[name];
    const ways = [
      ...(from === undefined ? [] : [`get it from ${from}`]),
      ...(variable === undefined ? [] : [`${variable} may name one`]),
      ...(address === undefined ? [] : [`${address} may have the address of one`]),
    ];
    return `  ${[name.padEnd(12), anyOf.join(' or '), ...ways.map((way) => `(${way})`)].join(' ')}`;
  });
  const packages = packagesOf(names);
  const command = packages.length === 0 ? [] : [`As root on Debian: ${installCommand(packages)}`];
  return [`missing, and not installed, since ${obstacle}:`, ...lines, ...command].join('\n');
}

function packagesOf(names: readonly NeedName[]): string[] {
  return [...new Set(names.flatMap((name) => NEEDS[name].packages ?? []))].sort();
}

function firstOf(programs: readonly string[]): string | undefined {
  return programs.map(find).find((path) => path !== undefined);
}

function find(program: string): string | undefined {
  if (isAbsolute(program)) return existsSync(program) ? program : undefined;
  return findProgram(program);
}

function succeeds([program, ...args]: readonly [string, ...string[]]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
