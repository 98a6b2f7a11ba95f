import { Duration, Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import type { MicroserviceProps, MySqlProps } from './lib';

/** What differs from one environment to the next: all else is said once, in main.ts. */
export interface EnvironmentSettings {
  /** Name by which clients call the service. */
  readonly host: string;
  readonly scale: Pick<MicroserviceProps, 'replicas' | 'autoscaler'>;
  /** Each hash takes 19 MiB and about 30 ms of a processor. */
  readonly resources: MicroserviceProps['resources'];
  /** As many connections as all Pods of a rollout at the autoscaler's maximum may open, and a few for operators. */
  readonly mysql: Pick<MySqlProps, 'storage' | 'resources' | 'maxConnections'>;
  readonly backup: { readonly storage: Size };
  readonly drainDelay: Duration;
}

export const environments: Readonly<Record<'staging' | 'production', EnvironmentSettings>> = {
  staging: {
    host: 'user.staging.example.com',
    scale: { replicas: 2 },
    resources: {
      cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
      memory: Size.mebibytes(192),
    },
    mysql: {
      storage: Size.gibibytes(2),
      resources: {
        cpu: { request: Cpu.millis(100), limit: Cpu.units(1) },
        memory: Size.mebibytes(512),
        disk: Size.mebibytes(512),
      },
    },
    backup: { storage: Size.gibibytes(4) },
    drainDelay: Duration.seconds(5),
  },
  production: {
    host: 'user.example.com',
    scale: { autoscaler: { min: 3, max: 12 } },
    resources: {
      cpu: { request: Cpu.millis(250), limit: Cpu.units(2) },
      memory: Size.mebibytes(256),
    },
    mysql: {
      storage: Size.gibibytes(20),
      maxConnections: 320,
      resources: {
        cpu: { request: Cpu.millis(500), limit: Cpu.units(2) },
        memory: Size.gibibytes(2),
        disk: Size.gibibytes(1),
      },
    },
    backup: { storage: Size.gibibytes(40) },
    drainDelay: Duration.seconds(8),
  },
};
