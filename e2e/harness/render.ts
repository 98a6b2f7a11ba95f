import { App, Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import type { Manifest } from './objects';

/** The one manifest of a chart that `define` fills, for faults to change. */
export function render(define: (chart: Construct) => void): Manifest {
  const chart = new Chart(new App({ outdir: '/nowhere' }), 'chart');
  define(chart);
  const [manifest] = Testing.synth(chart) as Manifest[];
  if (manifest === undefined) throw new Error('nothing was rendered');
  return manifest;
}
