import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import { synthesize } from './lib/app/synthesize';
import { CONTAINERS, userService } from './lib/lesson/user-service';
import { Deployment } from './lib/workload/deployment';
import { parseImageCatalog } from './lib/workload/image-catalog';
import { Pod } from './lib/workload/pod';

// `npm run set-image` names another file here, to try a change before it makes it.
const catalog = process.env.IMAGE_CATALOG ?? join(__dirname, 'images.json');

synthesize((app) => {
  const images = parseImageCatalog('images.json', readFileSync(catalog, 'utf8'), CONTAINERS);
  const lesson = userService({ images });

  new Pod(new Chart(app, 'user-service'), 'pod', lesson);
  new Deployment(new Chart(app, 'user-service-deployment'), 'deployment', {
    ...lesson,
    replicas: 3,
  });
});
