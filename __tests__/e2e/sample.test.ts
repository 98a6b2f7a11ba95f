import { sample } from '../../e2e/harness/sample';
import { suitesOf } from '../../e2e/suites';

const namesOf = (suites: ReturnType<typeof sample>) =>
  suites.map(({ fixtures }) => fixtures.flatMap(({ checks }) => checks.map(({ name }) => name)));
const commits = Array.from({ length: 400 }, (_, index) => `commit ${index}`);

it('draws one check of each suite', () => {
  for (const names of namesOf(sample(suitesOf(), 'a commit'))) expect(names).toHaveLength(1);
});

it('draws the same for the same commit', () => {
  expect(namesOf(sample(suitesOf(), 'one'))).toEqual(namesOf(sample(suitesOf(), 'one')));
});

it('draws every check in time', () => {
  const drawn = new Set(commits.flatMap((commit) => namesOf(sample(suitesOf(), commit)).flat()));
  const all = suitesOf().flatMap(({ fixtures }) => fixtures.flatMap(({ checks }) => checks));
  expect(drawn).toEqual(new Set(all.map(({ name }) => name)));
});
