/** The lesson, command by command, with its three containers. */
import type { Suite } from '../../harness/check';
import { AFTER_ROLLOUTS, BEFORE_ROLLOUTS } from './deployment';
import { podFixture } from './pod';
import { NEW, ROLLOUTS, SET_IMAGE } from './rollouts';

export const lesson: Suite = {
  name: 'lesson',
  requires: { images: ['user', 'mysql-for-user', 'redis:5.0', NEW] },
  fixtures: [
    podFixture,
    { name: 'deployment', checks: [...BEFORE_ROLLOUTS, ...ROLLOUTS, ...AFTER_ROLLOUTS] },
    { name: 'set-image', checks: SET_IMAGE },
  ],
};
