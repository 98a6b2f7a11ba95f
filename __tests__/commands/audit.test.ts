import { audit, type Exception, type Finding } from '../../commands/audit/findings';

const finding: Finding = {
  tool: 'scorer',
  check: 'probes',
  object: 'production/Deployment/user',
  message: 'no probe',
};
const exception: Exception = {
  tool: 'scorer',
  check: 'probes',
  objects: ['*/Deployment/user'],
  reason: 'by intent',
};

it('lets pass what an exception names, in every environment that it is for', () => {
  const staging = { ...finding, object: 'staging/Deployment/user' };
  expect(audit([finding, staging], [exception], ['scorer'])).toEqual({
    unexpected: [],
    unneeded: [],
  });
});

it.each([
  ['another tool', { tool: 'linter' }],
  ['another check', { check: 'limits' }],
  ['another object', { object: 'production/Deployment/users' }],
  ['an object that ends alike', { object: 'production/Deployment/other-user' }],
])('reports what %s has', (_, other) => {
  const unexpected = { ...finding, ...other };
  expect(audit([finding, unexpected], [exception], ['scorer']).unexpected).toEqual([unexpected]);
});

it('reports an exception that nothing raises any more, object by object', () => {
  const objects = ['production/Deployment/user', 'staging/Deployment/user'];
  expect(audit([finding], [{ ...exception, objects }], ['scorer']).unneeded).toEqual([
    expect.objectContaining({ object: 'staging/Deployment/user' }),
  ]);
});

it('holds no exception against a tool that was not run', () => {
  expect(audit([], [exception], ['linter']).unneeded).toEqual([]);
});
