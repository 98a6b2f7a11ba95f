import { missingPackages, NODE_PROGRAMS } from '../../node/packages';

describe('missingPackages', () => {
  it('names each package once, whichever of its programs is missing', () => {
    const there = new Set([
      'ip',
      'nft',
      'iptables',
      'sysctl',
      'nsenter',
      'umount',
      'openssl',
      'tar',
    ]);
    expect(missingPackages(NODE_PROGRAMS, (program) => there.has(program))).toEqual([
      'containerd',
      'containernetworking-plugins',
      'etcd-server',
      'runc',
    ]);
  });

  it('is empty when every program is there', () => {
    expect(missingPackages(NODE_PROGRAMS, () => true)).toEqual([]);
  });

  it('finds what this machine has by PATH and by absolute path', () => {
    const programs = { sh: 'dash', '/bin/sh': 'dash', 'no-such-program': 'nothing' };
    expect(missingPackages(programs)).toEqual(['nothing']);
  });
});
