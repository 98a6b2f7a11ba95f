/** How many cases, and which. */
export interface Size {
  readonly count: number;
  /** fast-check's: the same seed makes the same cases. */
  readonly seed: number;
}
