import { FIRST_NODE, SECOND_NODE } from '../../node/layout';
import { vanishingNode } from '../../node/membership';

describe('a node that is to vanish', () => {
  it('is not the one that runs the control plane', () => {
    expect(() => vanishingNode(FIRST_NODE.name)).toThrow(
      'node-from-source runs the control plane and cannot vanish; the other can: node-from-source-2',
    );
  });

  it('is one that is built from source', () => {
    expect(() => vanishingNode('minikube')).toThrow(
      'no node "minikube" is built from source; there are node-from-source, node-from-source-2',
    );
    expect(vanishingNode(SECOND_NODE.name)).toBe(SECOND_NODE);
  });
});
