import { BlockList } from 'node:net';
import {
  DNS_SERVICE_ADDRESS,
  GATEWAY_ADDRESS,
  MACHINE_ADDRESS,
  NODE_RANGE,
  NODES,
  POD_RANGE,
  SERVICE_RANGE,
} from '../../node/layout';

const range = (cidr: string): BlockList => {
  const [address = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(bits));
  return list;
};
const firstOf = (cidr: string): string => cidr.split('/')[0] ?? '';

describe('the addresses of a cluster', () => {
  it('of the machine and the nodes are of the range that the machine routes to the first node', () => {
    for (const address of [MACHINE_ADDRESS, GATEWAY_ADDRESS, ...NODES.map((node) => node.address)])
      expect([address, range(NODE_RANGE).check(address)]).toEqual([address, true]);
  });

  it('of Pods are of one range, and of each node of one of its own', () => {
    const ranges = NODES.map(({ podRange }) => podRange);
    for (const podRange of ranges) {
      expect(range(POD_RANGE).check(firstOf(podRange))).toBe(true);
      const others = ranges.filter((other) => other !== podRange);
      for (const other of others) expect(range(podRange).check(firstOf(other))).toBe(false);
    }
    expect(new Set(ranges).size).toBe(NODES.length);
  });

  it('of DNS is one of the Services', () => {
    expect(range(SERVICE_RANGE).check(DNS_SERVICE_ADDRESS)).toBe(true);
  });
});
