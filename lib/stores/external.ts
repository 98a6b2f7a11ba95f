import { Construct } from 'constructs';
import { addValidation } from '../app/validation';
import type { Environment } from '../environment/environment';
import { validateName, validatePort, validateServer } from '../environment/name';
import type { Endpoint } from '../network/endpoint';
import { SecretReference } from '../secrets/secret';

export interface ExternalProps {
  /** Host name or IPv4 address, as the server's certificate has it. */
  readonly host: string;
  readonly port: number;
  /** Name of a Secret with the keys `username` and `password`, which a person gives. */
  readonly secret: string;
  /**
   * Whether the Secret also has `ca.crt`, by which the server's certificate is verified.
   *
   * @default true
   */
  readonly tls?: boolean;
  /** Further variables, behind the prefix of the caller: `{ DATABASE: 'user' }`. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Addresses that the port may be reached at, as CIDR. Network policies know no host names.
   *
   * @default - any address, at this port alone
   */
  readonly addresses?: string;
}

/** A store that is run elsewhere: a managed database, an operator's cluster, a machine. */
export function external(environment: Environment, id: string, props: ExternalProps): Endpoint {
  const { host, port, secret, tls = true, variables = {}, addresses = '0.0.0.0/0' } = props;
  const construct = new Construct(environment, id);
  const errors = [
    ...validateServer('host', host),
    ...validatePort('port', port),
    ...validateName('secret', secret),
    ...(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(addresses)
      ? []
      : [
          {
            field: 'addresses',
            rule: 'must be a range of addresses as CIDR',
            received: addresses,
            fix: 'use one such as "10.0.0.0/16"',
          },
        ]),
  ];
  addValidation(construct, () => errors);
  if (errors.length === 0)
    new SecretReference(environment, secret, {
      kind: 'given',
      keys: ['username', 'password', ...(tls ? ['ca.crt'] : [])],
    });
  return {
    variables: { HOST: host, PORT: `${port}`, ...variables },
    files: {
      USER: { secret, key: 'username' },
      PASSWORD: { secret, key: 'password' },
      ...(tls && { TLS_CA: { secret, key: 'ca.crt' } }),
    },
    peer: { ipBlock: { cidr: addresses } },
    targetPort: port,
    // It has no side of its own in this cluster.
    allowFrom: () => undefined,
  };
}
