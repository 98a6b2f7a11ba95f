import { boolean, object, optional, type Rules, text } from '../app/rules';
import type { Environment } from '../environment/environment';
import {
  validateName,
  validatePort,
  validateSecretName,
  validateServer,
} from '../environment/name';
import { EnvironmentPart } from '../environment/part';
import type { Endpoint } from '../network/endpoint';
import { validateVariables } from '../pod/variables';
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
   * Addresses that the port may be reached at, as CIDR.
   *
   * @default - any of IPv4, at this port alone: network policies know no host names, and what a name stands for changes
   */
  readonly addresses?: string;
}

const BYTE = '(25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** Of IPv4, or of IPv6, whose many ways to write an address are left to Kubernetes to judge. */
const CIDR = new RegExp(
  `^(${BYTE}(\\.${BYTE}){3}/(3[0-2]|[12]?\\d)|[0-9a-f:]*:[0-9a-f:.]*/(12[0-8]|1[01]\\d|\\d?\\d))$`,
  'i',
);

const PROPS: Rules<ExternalProps> = {
  host: validateServer,
  port: validatePort,
  secret: validateSecretName,
  tls: optional(boolean),
  variables: optional(validateVariables),
  addresses: optional(
    text(CIDR, 'be a range of addresses as CIDR', 'use one such as "10.0.0.0/16"'),
  ),
};

/** A store that is run elsewhere: a managed database, an operator's cluster, a machine. */
export function external(environment: Environment, id: string, props: ExternalProps): Endpoint {
  const part = new EnvironmentPart(environment, id, external);
  const errors = [
    ...validateName('id', id),
    ...object(PROPS, "use one such as { host: 'db.example.com', port: 3306, secret: 'db' }")(
      '',
      props,
    ),
  ];
  const isValid = part.accept(errors, () => part.claim('id', id, 'name', [id]));
  const nowhere = { host: '', port: 1, secret: '' };
  const {
    host,
    port,
    secret,
    tls = true,
    variables = {},
    addresses = '0.0.0.0/0',
  }: ExternalProps = errors.length > 0 ? nowhere : props;
  if (isValid)
    SecretReference.given(
      environment,
      secret,
      ['username', 'password', ...(tls ? ['ca.crt'] : [])],
      external,
    );
  return {
    of: part,
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
