import type { ImageCatalog } from '../workload/image-catalog';
import type { PodTemplate } from '../workload/pod-template';
import type { EqualitySelector } from '../workload/selector';

/** The containers of the lesson's Pod. */
export const CONTAINERS = ['user', 'mysql', 'redis'] as const;

export interface UserServiceProps {
  readonly images: ImageCatalog<(typeof CONTAINERS)[number]>;
}

/** What the lesson runs under each of its controllers: give it to one of the constructs in `lib/workload`. */
export interface UserService {
  readonly name: string;
  readonly selector: EqualitySelector;
  readonly template: PodTemplate;
}

/**
 * The lesson's `user-service`: the Go service and its stores, all in one Pod.
 *
 * Each replica has a MySQL of its own: a user registered in one Pod is unknown to the next, and gone with the Pod.
 */
export function userService({ images }: UserServiceProps): UserService {
  const labels = { name: 'user-service' };
  return {
    name: 'user-service',
    selector: { matchLabels: labels },
    template: {
      labels,
      containers: [
        { name: 'user', image: images.user, ports: [10086], imagePullPolicy: 'IfNotPresent' },
        {
          name: 'mysql',
          image: images.mysql,
          ports: [3306],
          env: { MYSQL_ROOT_PASSWORD: '123456' },
          imagePullPolicy: 'IfNotPresent',
        },
        { name: 'redis', image: images.redis, ports: [6379], imagePullPolicy: 'IfNotPresent' },
      ],
    },
  };
}
