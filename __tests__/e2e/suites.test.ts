import { suitesOf } from '../../e2e/suites';

const SUITES = suitesOf({ named: true });

const fixtures = SUITES.flatMap(({ name, fixtures }) =>
  fixtures.map((fixture) => `${name}-${fixture.name}`),
);
const checks = SUITES.flatMap((suite) => suite.fixtures.flatMap((fixture) => fixture.checks));

it('gives each fixture a namespace of its own', () => {
  expect(new Set(fixtures).size).toBe(fixtures.length);
  // An RFC 1123 label of at most 63 characters, with the prefix user-service-12345678-.
  for (const name of fixtures) expect(name).toMatch(/^[a-z][a-z0-9-]{0,39}[a-z0-9]$/);
});

it('says each check once', () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
});

it('breaks each promise by a manifest or by the cluster', () => {
  for (const { fault } of checks) {
    expect(fault.manifest ?? fault.cluster).toBeDefined();
  }
});

it('runs of production no check unnamed that it does not run when named', () => {
  const namesOf = (options: Parameters<typeof suitesOf>[0]) =>
    suitesOf(options)
      .filter(({ name }) => name === 'production')
      .flatMap(({ fixtures }) => fixtures.flatMap((fixture) => fixture.checks))
      .map(({ name }) => name);
  const [few, all] = [namesOf({}), namesOf({ named: true })];
  expect(all).toEqual(expect.arrayContaining(few));
  expect(few.length).toBeLessThan(all.length / 2);
});
