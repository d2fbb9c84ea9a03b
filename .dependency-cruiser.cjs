/**
 * The import rule of ARCHITECTURE.md: imports point down the page, and another domain is entered only by its
 * front door. scripts/imports.ts runs it, and also fails when a file of src/ was not read.
 */
const cellar = ['lib', 'metrics', 'storage', 'cache', 'queue']
const edgeKits = ['http', 'cli', 'web']
/** Of the web app, each may import those before it; `admin` and `panel` never each other. */
const webRooms = ['i18n', 'api', 'ui', 'shell']
const domains = [
  'accounts',
  'catalogue',
  'ledger',
  'subscriptions',
  'usage',
  'performance',
  'admin',
  'meta',
  'demo',
]

const test = '\\.test\\.tsx?$'
const anyOf = (names) => `(?:${names.join('|')})`
const rooms = (names) => `^src/${anyOf(names)}/`
const frontDoors = (names) => `^src/(${names.join('|')})/\\1\\.ts$`
const callersOf = (names) => `^src/${anyOf(names)}/callers\\.ts$`
const edgesOf = (names) => [
  `^src/${anyOf(names)}/routes/`,
  `^src/${anyOf(names)}/.*\\b(?:routes|jobs|commands|callers)\\.ts$`,
]
const edge = edgesOf(domains)
const lists = '^src/(?:routes|jobs|commands|serve|main)\\.ts$'

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** What a file may import of src/: everything that no pattern of `allowed` matches is an error. */
const mayImportOnly = (name, comment, from, allowed) =>
  forbid(name, comment, from, { path: '^src/', pathNot: allowed })

module.exports = {
  forbidden: [
    ...cellar.map((room, i) =>
      mayImportOnly(
        `cellar-${room}`,
        `${room}/ may import only the cellar rooms above it: ${cellar.slice(0, i).join(', ') || 'none'}`,
        { path: `^src/${room}/`, pathNot: test },
        rooms(cellar.slice(0, i + 1)),
      ),
    ),
    mayImportOnly(
      'config',
      'config.ts reads the environment and knows only lib/',
      { path: '^src/config\\.ts$' },
      '^src/lib/',
    ),
    mayImportOnly('log', 'log.ts knows only lib/ and config.ts', { path: '^src/log\\.ts$' }, [
      '^src/lib/',
      '^src/config\\.ts$',
    ]),
    mayImportOnly(
      'app',
      'app.ts puts the cellar, the configuration and the log together, and knows nothing above them',
      { path: '^src/app\\.ts$' },
      [rooms(cellar), '^src/(?:config|log)\\.ts$'],
    ),
    ...edgeKits.map((kit) =>
      mayImportOnly(
        `edge-kit-${kit}`,
        `${kit}/ may import the cellar, app.ts and config.ts, never a domain or another kit (web/ stands on http/)`,
        { path: `^src/${kit}/`, pathNot: test },
        [
          rooms(cellar),
          '^src/(?:app|config)\\.ts$',
          `^src/${kit}/`,
          ...(kit === 'web' ? ['^src/http/'] : []),
        ],
      ),
    ),
    ...domains.flatMap((domain, i) => {
      const below = [rooms(cellar), `^src/${domain}/`, ...(i > 0 ? [frontDoors(domains.slice(0, i))] : [])]
      return [
        mayImportOnly(
          `domain-${domain}`,
          `${domain}/ may import the cellar and the front doors of the domains above it; only its routes.ts, jobs.ts, commands.ts and callers.ts know http/, cli/ and app.ts`,
          { path: `^src/${domain}/`, pathNot: [test, ...edge] },
          below,
        ),
        mayImportOnly(
          `edge-${domain}`,
          `the edge files of ${domain}/ may import, besides, only http/, cli/, app.ts, config.ts and the callers.ts of domains above`,
          { path: edgesOf([domain]), pathNot: test },
          [
            ...below,
            rooms(edgeKits),
            '^src/(?:app|config)\\.ts$',
            ...(i > 0 ? [callersOf(domains.slice(0, i))] : []),
          ],
        ),
      ]
    }),
    forbid(
      'no-edge-inside',
      'inside a domain only an edge file imports an edge file: verbs do not know HTTP',
      { path: `^src/${anyOf(domains)}/`, pathNot: [test, ...edge] },
      { path: edge },
    ),
    forbid(
      'edges-are-listed',
      'edge files are imported only by routes.ts, jobs.ts, commands.ts and main.ts of src/, and by their own room',
      { path: '^src/([^/]+)', pathNot: [test, lists] },
      { path: edge, pathNot: ['^src/$1/', callersOf(domains)] },
    ),
    forbid(
      'known-rooms-only',
      'a new room of src/ needs its place in the order: add it to .dependency-cruiser.cjs and ARCHITECTURE.md',
      {},
      { path: '^src/[^/]+/', pathNot: rooms([...cellar, ...edgeKits, ...domains]) },
    ),
    ...webRooms.map((room, i) =>
      forbid(
        `web-${room}`,
        `web/src/${room}/ may import only ${webRooms.slice(0, i).join(', ') || 'packages'}: it knows no page`,
        { path: `^web/src/${room}/` },
        { path: '^(?:web|src|scripts)/', pathNot: `^web/src/${anyOf(webRooms.slice(0, i + 1))}/` },
      ),
    ),
    forbid(
      'web-panel-and-admin',
      'customers never download what is for staff, nor the other way round: what both need belongs to ui/ or shell/',
      { path: '^web/src/(panel|admin)/' },
      { path: '^(?:web/src|src|scripts)/', pathNot: `^web/src/(?:$1|${webRooms.join('|')})/` },
    ),
    forbid(
      'web-is-bundled',
      'the server knows the app only as files',
      { path: '^src/', pathNot: test },
      { path: '^web/' },
    ),
    forbid(
      'drivers',
      'only storage/ knows a database driver; the rest uses Db, Tx and write()',
      { path: '^src/', pathNot: ['^src/storage/', test] },
      { path: '^(bun:sqlite|node:sqlite|sqlite)$' },
    ),
    forbid(
      'nothing-outside',
      'src/ imports nothing of test/, scripts/ or examples/, and bench/ only from commands.ts',
      { path: '^src/', pathNot: [test] },
      { path: '^(?:test|bench|scripts|examples)/', pathNot: '^bench/' },
    ),
    forbid(
      'bench-is-a-command',
      'the benchmark is reached by `zimmer bench` alone',
      { path: '^src/', pathNot: [test, '^src/commands\\.ts$'] },
      { path: '^bench/' },
    ),
    forbid('no-test-imported', 'a test is run, not imported', {}, { path: test }),
    forbid(
      'no-development-package',
      'what the product imports is a dependency, not a devDependency, and is named in package.json',
      { path: '^src/', pathNot: test },
      {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^bun(:|$)|node_modules/(@types/|bun-types/)',
      },
    ),
    forbid('no-cycle', 'a cycle means that two files are one', {}, { circular: true }),
    forbid(
      'no-orphan',
      'nothing imports this file and it imports nothing',
      {
        orphan: true,
        pathNot: [
          test,
          '\\.d\\.ts$',
          '^examples/',
          '^web/src/boot\\.ts$',
          '^web/src/ui/',
          '^scripts/dev\\.ts$',
          '^src/web/embedded\\.ts$',
        ],
      },
      {},
    ),
    forbid('no-unresolved', 'this import leads nowhere', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:node_modules/\\.|dist/)' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    // Bun's own modules resolve to no file.
    builtInModules: { add: ['bun', 'bun:sqlite', 'bun:test', 'bun:ffi', 'bun:jsc'] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['bun', 'import', 'node', 'default', 'types'],
    },
  },
}
