import type { CreateOptions } from './judgement';
import { isPodSecurityLevel, POD_SECURITY_LEVELS } from './pod-security';

/** An option with a value that it does not take. */
export interface OptionMistake {
  readonly option: keyof CreateOptions;
  /** What it takes, as the object of "takes". */
  readonly takes: string;
  readonly received: unknown;
}

/** The first mistake in options, which may come from where types are not held to. */
export function optionMistake(options: CreateOptions): OptionMistake | undefined {
  const { namespace, ipFamilies, serviceCidr, podSecurity } = options as Readonly<
    Record<keyof CreateOptions, unknown>
  >;
  // RFC 1123, as Kubernetes has it.
  if (
    namespace !== undefined &&
    !(typeof namespace === 'string' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
  ) {
    return { option: 'namespace', takes: 'the name of a namespace', received: namespace };
  }
  if (ipFamilies !== undefined && !areFamilies(ipFamilies)) {
    const takes = 'IPv4, IPv6 or both, the primary one first';
    return { option: 'ipFamilies', takes, received: ipFamilies };
  }
  const ranges = serviceCidr === undefined ? undefined : familiesOfRanges(serviceCidr);
  if (serviceCidr !== undefined && !areFamilies(ranges)) {
    const takes =
      'a range of addresses such as 10.96.0.0/12, or one of each family with a comma between';
    return { option: 'serviceCidr', takes, received: serviceCidr };
  }
  if (ipFamilies !== undefined && ranges !== undefined && ipFamilies.join() !== ranges.join()) {
    const takes = 'a range of each family of the cluster, in their order';
    return { option: 'serviceCidr', takes, received: serviceCidr };
  }
  if (podSecurity !== undefined && !isPodSecurityLevel(podSecurity)) {
    const takes = POD_SECURITY_LEVELS.join(' or ');
    return { option: 'podSecurity', takes, received: podSecurity };
  }
  return undefined;
}

/** @throws RangeError that names the option, what it takes and what was received */
export function checkOptions(options: CreateOptions): void {
  const mistake = optionMistake(options);
  if (mistake === undefined) return;
  const { option, takes, received } = mistake;
  throw new RangeError(`${option} takes ${takes}; received ${String(received)}`);
}

function areFamilies(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || new Set(value).size < value.length)
    return false;
  return value.every((family) => family === 'IPv4' || family === 'IPv6');
}

/** The families of ranges, undefined for what is no range. */
function familiesOfRanges(list: unknown): (string | undefined)[] {
  if (typeof list !== 'string') return [];
  return list.split(',').map((range) => {
    const [address = '', length = '', ...more] = range.split('/');
    const family = familyOf(address);
    const longest = family === 'IPv4' ? 32 : 128;
    const isLength = /^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= longest;
    return isLength && more.length === 0 ? family : undefined;
  });
}

/** In a browser as well, where there is no `node:net`. */
function familyOf(address: string): 'IPv4' | 'IPv6' | undefined {
  if (/^(?:(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])(?:\.|$)){4}(?<!\.)$/.test(address)) return 'IPv4';
  return /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) && URL.canParse(`http://[${address}]`)
    ? 'IPv6'
    : undefined;
}
