/** Every addon, by the name that asks for it. */
import type { AddonName } from '../../cluster';
import type { Addon } from './addon';
import { flux } from './flux';
import { gatewayApi } from './gateway-api';
import { git } from './git';
import { prometheus } from './prometheus';

const ADDONS: Readonly<Record<AddonName, Addon>> = {
  flux,
  'gateway-api': gatewayApi,
  git,
  prometheus,
};

/** The addons of those names; one of a version that knows more of them is left alone. */
export function addonsOf(names: readonly string[]): readonly (readonly [string, Addon])[] {
  return Object.entries(ADDONS).filter(([name]) => names.includes(name));
}
