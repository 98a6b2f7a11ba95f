/**
 * What may import what (ARCHITECTURE.md), held by `npm run lint`. Paths are from the root of the repository;
 * kube-verdict is reached as users reach it, by its package's name, which leads to what it is built into.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    rule('nothing-imports-main', {}, { path: '^main\\.ts$' }),
    rule('nothing-imports-tests', { pathNot: '(^|/)__tests__/' }, { path: '(^|/)__tests__/' }),
    rule('no-cycle', {}, { circular: true }),
    // Doors.
    rule('lib-has-one-door', { pathNot: '^lib/' }, { path: '^lib/', pathNot: '^lib/index\\.ts$' }),
    rule(
      'local-cluster-has-one-door',
      { pathNot: '^packages/local-cluster/' },
      { path: '^packages/local-cluster/', pathNot: '^packages/local-cluster/index\\.ts$' },
    ),
    rule(
      'kube-verdict-has-two-doors',
      { pathNot: '^packages/kube-verdict/' },
      {
        path: '^packages/kube-verdict/',
        pathNot: '^packages/kube-verdict/dist/(index|cdk8s)\\.js$',
      },
    ),
    // Rooms.
    rule(
      'lib-imports-what-it-needs',
      { path: '^lib/' },
      {
        pathNot: [
          '^(lib|imports|packages/kube-verdict)/',
          '(^|/)node_modules/(@grafana/grafana-foundation-sdk|@secretlint/[a-z-]+|cdk8s|cdk8s-plus-27|constructs|jsonc-parser|yaml)/',
        ],
        dependencyTypesNot: ['core'],
      },
    ),
    rule(
      'constructs-read-nothing',
      { path: '^lib/', pathNot: '^lib/(app/app|pod/config-map)\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    rule(
      'packages-stand-alone',
      { path: '^packages/([^/]+)/' },
      { pathNot: ['^packages/$1/', '(^|/)node_modules/'], dependencyTypesNot: ['core'] },
    ),
    rule(
      'services-import-local-cluster',
      { path: '^services/' },
      { pathNot: '^(services|packages/local-cluster)/', dependencyTypesNot: ['core'] },
    ),
    // Within lib: the lesson and production know nothing of each other, and what others build on knows none of them.
    rule(
      'lesson-and-production-are-apart',
      { path: '^lib/lesson/' },
      { path: '^lib/(environment|microservice|monitoring|network|pod|secrets|stores)/' },
    ),
    rule(
      'production-and-lesson-are-apart',
      { path: '^lib/(environment|microservice|monitoring|network|pod|secrets|stores)/' },
      { path: '^lib/lesson/' },
    ),
    rule(
      'services-and-stores-are-apart',
      { path: '^lib/stores/' },
      { path: '^lib/(microservice|monitoring)/' },
    ),
    rule(
      'parts-know-no-whole',
      { path: '^lib/(app|images|network|pod)/' },
      { path: '^lib/(lesson|environment|microservice|monitoring|stores)/' },
    ),
    rule(
      'environments-are-data',
      { path: '^environments\\.ts$' },
      { pathNot: '(^|/)node_modules/|^lib/' },
    ),
    rule(
      'examples-import-lib',
      { path: '^examples/' },
      {
        pathNot: ['^(examples|lib|packages/kube-verdict)/', '(^|/)node_modules/'],
        dependencyTypesNot: ['core'],
      },
    ),
    rule('nothing-imports-examples', { pathNot: '^(examples|__tests__)/' }, { path: '^examples/' }),
    rule('commands-are-not-bench-or-e2e', { path: '^commands/' }, { path: '^(bench|e2e)/' }),
    rule('bench-is-not-e2e', { path: '^bench/' }, { path: '^e2e/' }),
    rule('harness-knows-no-suite', { path: '^e2e/harness/' }, { path: '^e2e/suites/' }),
    rule(
      'suites-know-no-other',
      { path: '^e2e/suites/([^/]+)/' },
      { path: '^e2e/suites/[^/]+/', pathNot: '^e2e/suites/$1/' },
    ),
  ],
  options: {
    // What only types are imported for is imported too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['(^|/)node_modules/', '^packages/kube-verdict/dist/', '^imports/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node'],
    },
  },
};

function rule(name, from, to) {
  return { name, severity: 'error', from, to };
}
