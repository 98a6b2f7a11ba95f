import { type Container, LessonDeployment, LessonPod } from '../../../lib';
import { validationErrors } from '../../render';
import { deployment, pod } from './props';

const web: Container = { name: 'web', image: 'web:1.0' };

function errorsOf(...containers: Container[]): string[] {
  return validationErrors(
    (chart) =>
      new LessonDeployment(chart, 'it', {
        ...deployment,
        template: { ...deployment.template, containers },
      }),
  );
}

describe('what Kubernetes lets pass and no Pod can run is a validation error:', () => {
  it('an image that is no image reference', () => {
    expect(errorsOf(web, { ...web, image: 'Redis:5.0' })).toEqual([
      '[chart/it] template.containers[1].image: must be an image reference, [registry/]path[:tag][@digest]; received "Redis:5.0"; write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"',
    ]);
  });

  it('a port that another container of the Pod has, or the same one', () => {
    expect(
      errorsOf({ ...web, ports: [80, 8080, 80] }, { ...web, name: 'proxy', ports: [80] }),
    ).toEqual([
      '[chart/it] template.containers[0].ports[2]: must be unique in its Pod, whose containers share one network namespace, and template.containers[0].ports[0] already has it; received 80; make one of the two listen on another port',
      '[chart/it] template.containers[1].ports[0]: must be unique in its Pod, whose containers share one network namespace, and template.containers[0].ports[0] already has it; received 80; make one of the two listen on another port',
    ]);
  });

  it('in a bare Pod too', () => {
    const template = { ...pod.template, containers: [{ ...web, image: '' }] };
    expect(
      validationErrors((chart) => new LessonPod(chart, 'it', { ...pod, template })),
    ).toHaveLength(1);
  });
});
