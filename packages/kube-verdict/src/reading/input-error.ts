import type { Position } from './position';

/** Input that cannot be read. */
export class InputError extends Error {
  constructor(
    /** As it was given, or as it was found in a folder. */
    readonly file: string,
    message: string,
    readonly position?: Position,
  ) {
    super(message);
    this.name = 'InputError';
  }
}
