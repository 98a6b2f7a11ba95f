/** The lesson, command by command, with its three containers. */
import type { Suite } from '../../harness/claim';
import { AFTER_ROLLOUTS, BEFORE_ROLLOUTS } from './deployment';
import { podScene } from './pod';
import { ROLLOUTS, SET_IMAGE } from './rollouts';

export const lesson: Suite = {
  name: 'lesson',
  scenes: [
    podScene,
    { name: 'deployment', claims: [...BEFORE_ROLLOUTS, ...ROLLOUTS, ...AFTER_ROLLOUTS] },
    { name: 'set-image', claims: SET_IMAGE },
  ],
};
