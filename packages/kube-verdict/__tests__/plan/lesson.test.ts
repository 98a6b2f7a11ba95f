/** The lesson's changes, as a reviewer reads them. */
import { parse } from 'yaml';
import { text } from './planned';

const CONTAINERS = `
      containers:
        - name: user
          image: user
          imagePullPolicy: IfNotPresent
          ports: [{containerPort: 10086}]
        - name: mysql
          image: mysql-for-user
          imagePullPolicy: IfNotPresent
          ports: [{containerPort: 3306}]
          env: [{name: MYSQL_ROOT_PASSWORD, value: "123456"}]
        - name: redis
          image: redis:5.0
          imagePullPolicy: IfNotPresent
          ports: [{containerPort: 6379}]
`;
const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: user-service
  labels: {name: user-service}
spec:
  replicas: 3
  selector:
    matchLabels: {name: user-service}
  template:
    metadata:
      labels: {name: user-service}
    spec:${CONTAINERS}`;
const POD = `
apiVersion: v1
kind: Pod
metadata:
  name: user-service
  labels: {name: user-service}
spec:${CONTAINERS.replaceAll('\n  ', '\n')}`;

function object(yaml: string): object {
  return parse(yaml) as object;
}

/** What the plan of one replaced text says. */
function changed(yaml: string, from: string, to: string, applier?: 'server-side'): Promise<string> {
  const now = yaml.replace(from, to);
  expect(now).not.toBe(yaml);
  return text([object(yaml)], [object(now)], { applier });
}

describe('the lesson', () => {
  it('plans kubectl set image', async () => {
    expect(await changed(DEPLOYMENT, 'image: user\n', 'image: user:v2\n')).toMatchSnapshot();
  });

  it('plans a label in the template', async () => {
    const label = '    metadata:\n      labels: {name: user-service';
    expect(await changed(DEPLOYMENT, label, `${label}, track: stable`)).toMatchSnapshot();
  });

  it('plans a label outside of the template', async () => {
    const label = 'labels: {name: user-service';
    expect(await changed(DEPLOYMENT, label, `${label}, track: stable`)).toMatchSnapshot();
  });

  it('plans more replicas', async () => {
    expect(await changed(DEPLOYMENT, 'replicas: 3', 'replicas: 5')).toMatchSnapshot();
  });

  const STRATEGY = 'spec:\n  strategy: {type: Recreate}\n  replicas';
  it('plans another strategy by kubectl apply', async () => {
    expect(await changed(DEPLOYMENT, 'spec:\n  replicas', STRATEGY)).toMatchSnapshot();
  });

  it('plans another strategy by server-side apply', async () => {
    expect(
      await changed(DEPLOYMENT, 'spec:\n  replicas', STRATEGY, 'server-side'),
    ).toMatchSnapshot();
  });

  it('plans another selector', async () => {
    const now = DEPLOYMENT.replaceAll('{name: user-service}', '{name: user}');
    expect(await text([object(DEPLOYMENT)], [object(now)])).toMatchSnapshot();
  });

  it('plans an edited Pod', async () => {
    expect(await changed(POD, 'image: redis:5.0', 'image: redis:6.0')).toMatchSnapshot();
    expect(await changed(POD, 'containerPort: 10086', 'containerPort: 10087')).toMatchSnapshot();
  });

  it('plans the end of the Deployment', async () => {
    expect(await text([object(DEPLOYMENT)], [])).toMatchSnapshot();
  });

  it('plans nothing for what is written differently', async () => {
    const now = object(
      DEPLOYMENT.replace('replicas: 3', 'revisionHistoryLimit: 10\n  replicas: 3'),
    );
    expect(await text([object(DEPLOYMENT)], [now])).toMatchSnapshot();
    expect(await text([object(DEPLOYMENT)], [now], { verbose: true })).toMatchSnapshot();
  });
});
