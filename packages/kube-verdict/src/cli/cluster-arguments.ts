import { isIP } from 'node:net';
import type { ClusterOptions } from '../verdict/judgement';
import { UsageError } from './usage-error';

/** What the command line says of the cluster. */
interface ClusterArguments {
  readonly namespace?: string | undefined;
  readonly 'ip-families'?: string | undefined;
  readonly 'service-cidr'?: string | undefined;
}

/** @throws UsageError */
export function clusterOptionsOf(args: ClusterArguments): ClusterOptions {
  const ipFamilies = familiesOf(args['ip-families']);
  const serviceCidr = args['service-cidr'];
  const ranges = serviceCidr === undefined ? undefined : rangesOf(serviceCidr);
  if (ipFamilies !== undefined && ranges !== undefined && ipFamilies.join() !== ranges.join()) {
    throw new UsageError(
      `--service-cidr takes a range of each family of --ip-families, in their order; received ${serviceCidr ?? ''}`,
    );
  }
  const { namespace } = args;
  // RFC 1123, as Kubernetes has it.
  if (namespace !== undefined && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new UsageError(`--namespace takes the name of a namespace; received ${namespace}`);
  }
  return { namespace, ipFamilies, serviceCidr };
}

function familiesOf(list: string | undefined): ClusterOptions['ipFamilies'] {
  if (list === undefined) return undefined;
  const families = list.split(',');
  const known = families.filter((name) => name === 'IPv4' || name === 'IPv6');
  if (known.length !== families.length || new Set(known).size !== known.length) {
    throw new UsageError(
      `--ip-families takes IPv4, IPv6 or both with a comma between; received ${list}`,
    );
  }
  return known;
}

/** The families of the ranges. */
function rangesOf(list: string): string[] {
  const families = list.split(',').map((range) => {
    const [address = '', length = ''] = range.split('/');
    const version = isIP(address);
    const isLength = /^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
    return version === 0 || !isLength ? undefined : `IPv${version}`;
  });
  const known = families.filter((family) => family !== undefined);
  if (known.length !== families.length || new Set(known).size !== known.length) {
    throw new UsageError(
      `--service-cidr takes a range of addresses such as 10.96.0.0/12, or one of each family with a comma between; received ${list}`,
    );
  }
  return known;
}
