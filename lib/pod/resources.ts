import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Quantity, type ResourceRequirements } from '../../imports/k8s';
import { object, optional, type Rule, size } from '../app/rules';
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

const FIX =
  'use one such as { cpu: { request: Cpu.millis(100), limit: Cpu.units(1) }, memory: Size.mebibytes(128) }';

/** What Kubernetes refuses, and amounts that nothing runs in. */
export function validateResources(least: { memory: number; disk: number }): Rule {
  const shape = object<Resources>(
    {
      cpu: object<Resources['cpu']>({ request: validateCpu, limit: validateCpu }, FIX),
      memory: size(least.memory, `use Size.mebibytes(${least.memory}) or more`),
      disk: optional(
        size(
          least.disk,
          `use Size.mebibytes(${least.disk}) or more, or leave it out`,
          ': its logs and scratch folders take as much',
        ),
      ),
    },
    FIX,
  );
  return (field, value) => {
    const errors = shape(field, value);
    if (errors.length > 0) return errors;
    const { request, limit } = (value as Resources).cpu;
    if (millis(request) <= millis(limit)) return [];
    return [
      {
        field: `${field}.cpu.request`,
        rule: `must be at most the limit, ${limit.amount}`,
        received: request.amount,
        fix: 'lower the request or raise the limit',
      },
    ];
  };
}

function validateCpu(field: string, value: unknown): FieldError[] {
  const isRight = value instanceof Cpu && Number.isInteger(millis(value)) && millis(value) > 0;
  if (isRight) return [];
  return [
    {
      field,
      rule: 'must be a Cpu of whole thousandths, above 0',
      received: value instanceof Cpu ? value.amount : value,
      fix: 'use one such as Cpu.millis(100)',
    },
  ];
}

/** `250m` and `0.25` are 250 thousandths of a processor. */
function millis({ amount }: Cpu): number {
  if (amount.endsWith('m')) return Number(amount.slice(0, -1));
  // 1.001 times 1000 is a little less than 1001.
  return Number((Number(amount) * 1000).toFixed(6));
}
