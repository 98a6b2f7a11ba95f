import { join } from 'node:path';

/** The package's folder: of the sources under a test runner, and of what is built, which is their sibling. */
export const PACKAGE_ROOT = join(__dirname, '..');
