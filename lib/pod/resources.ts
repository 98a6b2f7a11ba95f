import { Size } from 'cdk8s';
import type { Cpu } from 'cdk8s-plus-27';
import { Quantity, type ResourceRequirements } from '../../imports/k8s';
import type { FieldError } from '../app/validation';

/** What a container may use: what is requested is set aside for it on its node. */
export interface Resources {
  readonly cpu: { readonly request: Cpu; readonly limit: Cpu };
  /** Requested and limit in one: memory that was not set aside is what nodes kill containers for. */
  readonly memory: Size;
  /** Of the node's disk: logs and scratch folders. @default 64 MiB: the kubelet keeps 50 MiB of logs (five files of 10 MiB) */
  readonly disk?: Size;
}

/** The resources as the Kubernetes API has them. */
export function resourceRequirements(resources: Resources): ResourceRequirements {
  const { cpu, memory, disk = Size.mebibytes(64) } = resources;
  const fixed = {
    memory: Quantity.fromString(memory.asString()),
    'ephemeral-storage': Quantity.fromString(disk.asString()),
  };
  return {
    requests: { cpu: Quantity.fromString(cpu.request.amount), ...fixed },
    limits: { cpu: Quantity.fromString(cpu.limit.amount), ...fixed },
  };
}

/** Requests above limits, which Kubernetes refuses, and amounts that nothing runs in. */
export function validateResources(field: string, { cpu, memory, disk }: Resources): FieldError[] {
  const [request, limit] = [millis(cpu.request), millis(cpu.limit)];
  return [
    ...(request > 0 && request <= limit
      ? []
      : [
          {
            field: `${field}.cpu.request`,
            rule: `must be above 0 and at most the limit, ${cpu.limit.amount}`,
            received: cpu.request.amount,
            fix: 'lower the request or raise the limit',
          },
        ]),
    ...[
      { of: 'memory', size: memory },
      { of: 'disk', size: disk },
    ].flatMap(({ of, size }) =>
      size === undefined || size.toKibibytes() >= 1024
        ? []
        : [
            {
              field: `${field}.${of}`,
              rule: 'must be 1 MiB or more',
              received: size.asString(),
              fix: 'use Size.mebibytes(64) or more',
            },
          ],
    ),
  ];
}

/** `250m` and `0.25` are 250 thousandths of a processor. */
function millis({ amount }: Cpu): number {
  return amount.endsWith('m') ? Number(amount.slice(0, -1)) : Number(amount) * 1000;
}
