/** Builds and installs addons. */
import { buildPrograms } from '../../go-programs';
import type { Steps } from '../../steps';
import type { Journal } from '../journal';
import { buildImage, type ProgramImage } from '../program-images';
import { untilDeployed } from '../readiness';
import { ensureRunning } from '../supervision';
import { addonsOf } from './addons';

/** Builds what the addons need. @returns the images of their Pods, for every node. */
export async function buildAddons(
  names: readonly string[],
  steps: Steps,
): Promise<readonly ProgramImage[]> {
  const images: ProgramImage[] = [];
  for (const [, addon] of addonsOf(names)) {
    for (const module of addon.programs ?? []) await buildPrograms(module, steps);
    for (const { module, program } of addon.images ?? [])
      images.push(await buildImage(module, program, steps));
  }
  return images;
}

/** Installs addons that are built, on nodes that have their images, and waits until they are ready. */
export async function installAddons(
  names: readonly string[],
  journal: Journal,
  steps: Steps,
): Promise<void> {
  for (const [name, addon] of addonsOf(names)) {
    // Recorded first: one that is half there is gone on with by the next `up`.
    journal.recordAddon(name);
    await steps.step(`addon ${name}`, async () => {
      for (const component of addon.components?.() ?? []) await ensureRunning(component, journal);
      await addon.apply?.();
      await Promise.all((addon.deployments ?? []).map(untilDeployed));
    });
  }
}
