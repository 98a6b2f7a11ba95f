/**
 * The app of the benchmark: `node --import tsx bench/services.ts COUNT FOLDER [App|judged|cdk8s.App]` writes COUNT
 * charts, each a Deployment of the lesson's Pods and a Service for it.
 */
import { App as Cdk8sApp, Chart } from 'cdk8s';
import { KubeService } from '../imports/k8s';
import { App, LessonDeployment, userService } from '../lib';

const [count = '', outdir = '', kind = 'App'] = process.argv.slice(2);
const app =
  kind === 'cdk8s.App'
    ? new Cdk8sApp({ outdir })
    : new App({ outdir, ...(kind === 'judged' && { judge: {} }) });
const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});

for (let index = 1; index <= Number(count); index++) {
  const name = `user-service-${index}`;
  const chart = new Chart(app, name);
  new LessonDeployment(chart, 'deployment', { ...lesson, name, replicas: 3 });
  new KubeService(chart, 'service', {
    metadata: { name },
    spec: { selector: { ...lesson.selector.matchLabels }, ports: [{ port: 10086 }] },
  });
}
app.synth();
