import { App, Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';

/** A manifest as a chart renders it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: Record<string, unknown>;
}

/** The one manifest of a chart that `define` fills. */
export function render(define: (chart: Construct) => void): Manifest {
  const chart = new Chart(new App({ outdir: '/nowhere' }), 'chart');
  define(chart);
  const [manifest] = Testing.synth(chart) as Manifest[];
  if (manifest === undefined) throw new Error('nothing was rendered');
  return manifest;
}

/** What is wrong with a chart that `define` fills: a line each; none if it is accepted. */
export function validationErrors(define: (chart: Construct) => void): string[] {
  try {
    render(define);
  } catch (error) {
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.trim());
  }
  return [];
}
