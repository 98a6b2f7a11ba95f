import type { ImageCatalog } from '../images/catalog';
import type { Container, PodTemplate } from './workloads/pod-template';
import type { EqualitySelector } from './workloads/selector';

/** A container of the lesson: what its Pod says of it, and what one machine needs to know besides. */
export interface LessonContainer extends Container {
  /** Folder of its Dockerfile, from `services`, and the stage to build. @default - the image is pulled */
  readonly build?: { readonly context: string; readonly target?: string };
  /** A command in the container that succeeds once it serves. */
  readonly healthCheck: readonly string[];
}

/** The containers of the lesson's Pod, in their order. `image` is a key of the image catalog, `images.json`. */
export const LESSON_CONTAINERS = [
  {
    name: 'user',
    image: 'user',
    ports: [10086],
    imagePullPolicy: 'IfNotPresent',
    build: { context: './user', target: 'lesson' },
    healthCheck: ['./user', '--check'],
  },
  {
    name: 'mysql',
    image: 'mysql',
    ports: [3306],
    env: { MYSQL_ROOT_PASSWORD: '123456' },
    imagePullPolicy: 'IfNotPresent',
    build: { context: './mysql-for-user' },
    // By address: while the image initialises, MySQL answers on its socket only.
    healthCheck: ['sh', '-c', 'mysqladmin ping -h 127.0.0.1 -uroot -p"$MYSQL_ROOT_PASSWORD"'],
  },
  {
    name: 'redis',
    image: 'redis',
    ports: [6379],
    imagePullPolicy: 'IfNotPresent',
    healthCheck: ['redis-cli', 'ping'],
  },
] as const satisfies readonly LessonContainer[];

/** A key of the image catalog that the lesson uses. */
export type LessonImage = (typeof LESSON_CONTAINERS)[number]['image'];

export const LESSON_IMAGES: readonly LessonImage[] = LESSON_CONTAINERS.map(({ image }) => image);

export interface UserServiceProps {
  readonly images: ImageCatalog<LessonImage>;
}

/** What the lesson runs under each of its controllers: give it to one of the workloads beside. */
export interface UserService {
  readonly name: string;
  readonly selector: EqualitySelector;
  readonly template: LessonPodTemplate;
}

export interface LessonPodTemplate extends PodTemplate {
  readonly containers: readonly LessonContainer[];
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
      containers: LESSON_CONTAINERS.map((container) => ({
        ...container,
        image: images[container.image],
      })),
    },
  };
}
