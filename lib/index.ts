export {
  App,
  type AppProps,
  describeSynthesis,
  Folder,
  type Synthesis,
  synthesize,
} from './app/app';
export {
  addValidation,
  describeFieldError,
  type FieldError,
  ValidationError,
} from './app/validation';
export { type ImageCatalog, parseImageCatalog, replaceImage } from './images/catalog';
export { type ImageReference, parseImageReference, validateImage } from './images/reference';
export { type ComposeFile, composeFile } from './lesson/compose';
export {
  LESSON_CONTAINERS,
  LESSON_IMAGES,
  type LessonContainer,
  type LessonImage,
  type UserService,
  userService,
} from './lesson/user-service';
export {
  type DeploymentStrategy,
  LessonDeployment,
  type LessonDeploymentProps,
  type PodCount,
} from './lesson/workloads/deployment';
export { LessonPod, type LessonPodProps } from './lesson/workloads/pod';
export type { Container, PodTemplate } from './lesson/workloads/pod-template';
export { LessonReplicaSet, type LessonReplicaSetProps } from './lesson/workloads/replica-set';
export {
  LessonReplicationController,
  type LessonReplicationControllerProps,
} from './lesson/workloads/replication-controller';
export type { EqualitySelector, Selector, SetBasedSelector } from './lesson/workloads/selector';
export { LessonStatefulSet, type LessonStatefulSetProps } from './lesson/workloads/stateful-set';
export { toYaml } from './yaml';
