/** What dist/production is called on a cluster. */
export const PRODUCTION = 'user-production';
/** The namespace that the service's network policy lets in. */
export const GATEWAY = 'gateway';
export const SERVICE = 'user';

/** By their names in manifests; those of production are also in images.json. */
export const IMAGES = {
  user: 'user:0.1.0',
  /** The same program under another name: a change that rolls out. */
  changed: 'user:0.1.1',
  mysql: 'mysql:8.4',
  redis: 'redis:7.4',
  load: 'load:1',
} as const;

/** What makes backups, by its name in manifests and in images.json. */
export const RESTIC = 'restic/restic:0.18.1';
