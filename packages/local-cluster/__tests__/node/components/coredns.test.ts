import { corefileFor, nameServersOf } from '../../../node/components/coredns';

describe('nameServersOf', () => {
  it('leaves out what cannot be reached from the network namespace of the node', () => {
    const text =
      '# made by hand\nsearch example\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nnameserver fe80::1\n';
    expect(nameServersOf(text)).toEqual(['10.0.0.2']);
  });
});

describe('corefileFor', () => {
  it('forwards other names to the machine’s name servers', () => {
    expect(corefileFor(['10.0.0.2', '10.0.0.3'])).toContain('forward . 10.0.0.2 10.0.0.3\n');
  });

  it('answers that other names do not exist where nobody can be asked', () => {
    const text = corefileFor([]);
    expect(text).toContain('rcode NXDOMAIN');
    expect(text).not.toContain('forward');
  });
});
