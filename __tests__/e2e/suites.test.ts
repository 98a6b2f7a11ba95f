import { SUITES } from '../../e2e/suites/index';

const scenes = SUITES.flatMap(({ name, scenes }) => scenes.map((scene) => `${name}-${scene.name}`));
const claims = SUITES.flatMap((suite) => suite.scenes.flatMap((scene) => scene.claims));

it('gives each scene a namespace of its own', () => {
  expect(new Set(scenes).size).toBe(scenes.length);
  // An RFC 1123 label of at most 63 characters, with the prefix user-service-12345678-.
  for (const name of scenes) expect(name).toMatch(/^[a-z][a-z0-9-]{0,39}[a-z0-9]$/);
});

it('says each claim once', () => {
  expect(new Set(claims.map(({ name }) => name)).size).toBe(claims.length);
});

it('breaks each promise by a manifest or by the cluster', () => {
  for (const { breakage } of claims) {
    expect(breakage.manifest ?? breakage.cluster).toBeDefined();
  }
});
