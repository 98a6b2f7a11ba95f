import { BOOLEAN, rule, type Rule, type Rules } from '../rule';
import type { ApplyOptions, ClusterOptions, CreateOptions } from './judgement';
import { isPodSecurityLevel, POD_SECURITY_LEVELS } from './pod-security';

/** RFC 1123, as Kubernetes has it. */
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const serviceCidr: Rule<ClusterOptions> = (value, { ipFamilies }) => {
  const families = familiesOfRanges(value);
  if (!areFamilies(families)) {
    return 'a range of addresses such as 10.96.0.0/12, or one of each family with a comma between';
  }
  return ipFamilies === undefined || ipFamilies.join() === families.join()
    ? undefined
    : 'a range of each family of the cluster, in their order';
};

export const CREATE_RULES: Rules<CreateOptions> = {
  namespace: rule(
    'the name of a namespace',
    (value) => typeof value === 'string' && NAMESPACE.test(value),
  ),
  ipFamilies: rule('IPv4, IPv6 or both, the primary one first', areFamilies),
  serviceCidr,
  podSecurity: rule(POD_SECURITY_LEVELS.join(' or '), isPodSecurityLevel),
};

/** Without `live`, which is a manifest as the others are. */
export const APPLY_RULES: Rules<Omit<ApplyOptions, 'live'>> = {
  ...CREATE_RULES,
  serverSide: BOOLEAN,
  changes: BOOLEAN,
  objects: BOOLEAN,
};

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
