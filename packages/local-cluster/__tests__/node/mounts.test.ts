import { mountsBelow } from '../../node/mounts';

const MOUNTINFO = [
  '22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw',
  '40 22 0:35 / /run/node rw - tmpfs tmpfs rw',
  '41 40 0:36 / /run/node/a rw - tmpfs tmpfs rw',
  '42 22 0:37 / /run/node-of-another rw - tmpfs tmpfs rw',
  '43 41 0:38 / /run/node/a/with\\040space\\134 rw - overlay overlay rw',
  '44 22 0:39 / /srv/run/node rw - tmpfs tmpfs rw',
  '',
].join('\n');

describe('mountsBelow', () => {
  it('lists the innermost first, by their real names', () => {
    expect(mountsBelow('/run/node', MOUNTINFO)).toEqual([
      '/run/node/a/with space\\',
      '/run/node/a',
      '/run/node',
    ]);
  });

  it('leaves a folder alone whose name begins the same way', () => {
    expect(mountsBelow('/run/nod', MOUNTINFO)).toEqual([]);
  });
});
