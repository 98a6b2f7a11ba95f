import type { ClusterOptions, CreateOptions } from '../verdict/judgement';
import { mistakeText, optionMistake } from '../rule';
import { CREATE_RULES } from '../verdict/option-rules';
import { UsageError } from './usage-error';

/** What the command line says of what objects are judged by. */
interface ClusterArguments {
  readonly namespace?: string | undefined;
  readonly 'ip-families'?: string | undefined;
  readonly 'service-cidr'?: string | undefined;
  readonly 'pod-security'?: string | undefined;
}

const FLAGS = {
  namespace: 'namespace',
  ipFamilies: 'ip-families',
  serviceCidr: 'service-cidr',
  podSecurity: 'pod-security',
} as const satisfies Record<keyof CreateOptions, keyof ClusterArguments>;

/** @throws UsageError */
export function clusterOptionsOf(args: ClusterArguments): {
  readonly cluster: ClusterOptions;
  readonly podSecurity: CreateOptions['podSecurity'];
} {
  // Whatever they are, until there is no mistake in them.
  const options = {
    namespace: args.namespace,
    ipFamilies: args['ip-families']?.split(','),
    serviceCidr: args['service-cidr'],
    podSecurity: args['pod-security'],
  } as CreateOptions;
  const mistake = optionMistake(options, CREATE_RULES);
  if (mistake !== undefined) {
    const flag = FLAGS[mistake.option];
    throw new UsageError(mistakeText(`--${flag}`, mistake.takes, args[flag]));
  }
  const { podSecurity, ...cluster } = options;
  return { cluster, podSecurity };
}
