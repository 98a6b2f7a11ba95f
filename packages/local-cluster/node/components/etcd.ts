/** The store of the API server. */
import { join } from 'node:path';
import { CREDENTIALS } from '../credentials';
import { FIRST_NODE, PORTS, STATE } from '../layout';
import { probe } from '../probe';
import type { Component } from '../supervision';

export const ETCD_URL = `https://${FIRST_NODE.address}:${PORTS.etcd}`;
const PEER_URL = `https://${FIRST_NODE.address}:${PORTS.etcdPeer}`;

export function etcd(): Component {
  const { authority, server } = CREDENTIALS;
  return {
    name: 'etcd',
    node: FIRST_NODE,
    command: [
      'etcd',
      `--data-dir=${join(STATE, 'etcd')}`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      `--listen-peer-urls=${PEER_URL}`,
      `--initial-advertise-peer-urls=${PEER_URL}`,
      `--initial-cluster=default=${PEER_URL}`,
      ...['', 'peer-'].flatMap((of) => [
        `--${of}client-cert-auth`,
        `--${of}trusted-ca-file=${authority}`,
        `--${of}cert-file=${server.certificate}`,
        `--${of}key-file=${server.key}`,
      ]),
      // A node for trying things out outlives a process that is killed, not the machine's loss of power.
      '--unsafe-no-fsync',
    ],
    ready: () => probe(`${ETCD_URL}/health`, 'certificate'),
  };
}
