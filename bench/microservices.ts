/**
 * The app of the benchmark: `node --import tsx bench/microservices.ts COUNT FOLDER [judged]` writes COUNT microservices
 * with all that belongs to each, and has Kubernetes judge them.
 */
import { rmSync } from 'node:fs';
import { App, Environment, Microservice } from '../lib';

const [count = '', outdir = '', judged] = process.argv.slice(2);
// As a synthesis does, which stages its files: to write over files costs the disk more.
rmSync(outdir, { recursive: true, force: true });
const app = new App({ outdir, ...(judged === 'judged' && { judge: {} }) });
const environment = new Environment(app, 'bench');
for (let index = 1; index <= Number(count); index++) {
  new Microservice(environment, `service-${index}`, {
    image: 'user:1.0',
    port: 8080,
    probes: { live: '/healthz' },
    host: `service-${index}.example.com`,
    env: { LOG_LEVEL: 'info' },
  });
}
app.synth();
