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
export {
  Environment,
  type EnvironmentProps,
  type GatewayReference,
} from './environment/environment';
export { Microservice, REVISIONS } from './microservice/microservice';
export type { Autoscaler, MicroserviceProps, Migration, Probes, Route } from './microservice/props';
export type { Endpoint, SecretFile } from './network/endpoint';
export type { Resources } from './pod/resources';
export { secretIn } from './secrets/detector';
export {
  type AccountStore,
  SecretReference,
  type SecretSource,
  SOURCE_ANNOTATION,
} from './secrets/secret';
export { external, type ExternalProps } from './stores/external';
export { MySql, type MySqlProps } from './stores/mysql';
export type { Backup, BackupTarget } from './stores/mysql-backup';
export type { Retention } from './stores/mysql-backup-files';
export { Redis, type RedisProps } from './stores/redis';
export { type AlertRule, alertRules, type AlertRulesProps } from './monitoring/alert-rules';
export { dashboard } from './monitoring/dashboard';
export { toYaml } from './yaml';
