import type { Construct } from 'constructs';
import { render as renderTyped } from '../../__tests__/render';
import type { Manifest } from './objects';

/** The one manifest of a chart that `define` fills, for faults to change. */
export function render(define: (chart: Construct) => void): Manifest {
  return renderTyped(define);
}
