/** The program of main.ts, judged or not: `node --import tsx bench/lesson.ts FOLDER judged|unjudged`. */
import { Chart } from 'cdk8s';
import { judge } from 'kube-verdict/cdk8s';
import { App, LessonDeployment, LessonPod, userService } from '../lib';

const [outdir = '', judging] = process.argv.slice(2);
const app = new App({ outdir });
if (judging === 'judged') judge(app);
const lesson = userService({
  images: { user: 'user', mysql: 'mysql-for-user', redis: 'redis:5.0' },
});
new LessonPod(new Chart(app, 'user-service'), 'pod', lesson);
new LessonDeployment(new Chart(app, 'user-service-deployment'), 'deployment', {
  ...lesson,
  replicas: 3,
});
app.synth();
