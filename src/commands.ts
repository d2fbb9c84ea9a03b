import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT, reportFailure } from './cli/exit.ts'
import { VERSION } from './lib/version.ts'

interface ServeFlags {
  demo?: boolean
  dev?: boolean
  port?: number
  host?: string
}

type Done = (code: number) => void

/** Every command. What one does is imported when it is called: `serve` starts without the others. */
function program(done: Done): Command {
  const zimmer = new Command('zimmer')
    .description('Sells AI automations as prepaid tokens.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'print this, or the options of a command')
    .showHelpAfterError('(zimmer --help lists the commands, zimmer COMMAND --help the options of one)')
    .addHelpText('after', ENVIRONMENT)
    .exitOverride()

  addServe(zimmer, done)
  addLookers(zimmer, done)
  addProbe(zimmer, done)
  addMakers(zimmer, done)
  return zimmer
}

function addServe(zimmer: Command, done: Done) {
  zimmer
    .command('serve')
    .description('answer requests and run the jobs, until SIGTERM')
    .option('--port <number>', 'listen on this port; 0 takes any free one (ZIMMER_PORT, 8000)', wholePort)
    .option('--host <address>', 'listen on this address (ZIMMER_HOST, 127.0.0.1)')
    .option('--demo', 'with demo data in ./demo-data, and an automation that really works')
    .option('--dev', 'for who develops Zimmer: every reply says where its time went (Server-Timing)')
    .action(async (flags: ServeFlags) => done(await serve(flags)))
}

/** They look and say; with findings they exit 1. */
function addLookers(zimmer: Command, done: Done) {
  zimmer
    .command('audit')
    .description('prove that every balance adds up')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { auditCommand } = await import('./ledger/commands.ts')
      done(await auditCommand(flags))
    })
  zimmer
    .command('doctor')
    .description('show configuration, versions and database, and what is wrong with them; changes nothing')
    .option('--database <file or url>', DATABASE)
    .option('--json', 'as JSON')
    .addHelpText('after', DOCTOR_EXAMPLES)
    .action(async (flags) => {
      const { doctorCommand } = await import('./performance/tuning/doctor.commands.ts')
      done(await doctorCommand(flags))
    })
  zimmer
    .command('targets')
    .description('show response times, database, caches, memory and CPU against their targets')
    .option('--url <url>', 'ask this running server instead of reading the database')
    .option('--range <range>', 'how far back: 5m, 15m, 1h, 6h, 24h, 7d or 30d', '15m')
    .option('--node <name>', 'of one node instead of all together')
    .option('--email <address>', 'sign in to the server, with the password from the first line of stdin')
    .option('--token-stdin', 'read an access token from the first line of stdin')
    .option('--token <token>', 'an access token; others on this machine can see it')
    .option('--json', 'as JSON, as GET /api/admin/performance answers')
    .addHelpText('after', TARGETS_EXAMPLES)
    .action(async (flags) => {
      const { targetsCommand } = await import('./performance/targets.commands.ts')
      done(await targetsCommand(flags))
    })
}

const TARGETS_EXAMPLES = `
Examples:
  zimmer targets --range 24h
  zimmer targets --url https://zimmer.example.com --email you@example.com < password-file
Exits with 1 when a target is missed.`

function addProbe(zimmer: Command, done: Done) {
  zimmer
    .command('probe')
    .description('say where the time of a server goes, from outside: name, connection, TLS, server, database')
    .argument('<url>', 'a Zimmer (its main endpoints are probed), or any page of any server')
    .option('--rounds <number>', 'how often each is asked', wholeFrom(1, 100), 5)
    .option('--timeout <seconds>', 'for each phase', wholeFrom(1, 60), 5)
    .option(
      '--limit <seconds>',
      'for all of it; rounds that have not begun by then are left out',
      wholeFrom(1, 3_600),
      60,
    )
    .option('--token <token>', 'an access token; others on this machine can see it')
    .option('--token-stdin', 'read the access token from the first line of stdin')
    .option('--email <address>', 'sign in for the probe, with the password from the first line of stdin')
    .option('--json', 'as JSON')
    .addHelpText('after', PROBE_EXAMPLES)
    .action(async (url: string, flags) => {
      const { probeCommand } = await import('./performance/probe.commands.ts')
      done(await probeCommand(url, flags))
    })
}

const PROBE_EXAMPLES = `
Examples:
  zimmer probe http://localhost:8000
  zimmer probe https://zimmer.example.com --email boss@example.com < password-file
  zimmer probe https://example.com/a/page --rounds 20 --json

It changes nothing at the server. Exit codes: 0 well, 1 something is wrong or slow, 2 wrong usage.`

function addMakers(zimmer: Command, done: Done) {
  zimmer
    .command('migrate')
    .description("bring the database to this program's schema, as a start does")
    .option('--status', 'only say what is there and what is missing')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { migrateCommand } = await import('./meta/commands.ts')
      done(await migrateCommand(flags))
    })
  zimmer
    .command('optimize')
    .description('mend what makes the database slow, beside a running server; see doctor')
    .option('--dry-run', 'change nothing: print the SQL, and what it gains')
    .option('--undo', 'take back the last run')
    .option('--only <name>', 'only this finding, or what concerns this index or table')
    .option('--drop', 'also drop indexes that are unused or do what another one does')
    .option('--database <file or url>', DATABASE)
    .option('--json', 'as JSON')
    .addHelpText('after', OPTIMIZE_EXAMPLES)
    .action(async (flags) => {
      const { optimizeCommand } = await import('./performance/tuning/optimize.commands.ts')
      done(await optimizeCommand(flags))
    })
  zimmer
    .command('admin')
    .description('staff accounts')
    .helpCommand(false)
    .command('create')
    .description('make a staff account; a running server need not stop')
    .requiredOption('--email <address>', 'to sign in with')
    .requiredOption('--name <name>', 'as others see it')
    .addOption(new Option('--role <role>', 'what it may do').choices(STAFF).default('manager'))
    .option('--password-stdin', 'read the password from the first line of stdin instead of asking for it')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      const { adminCreateCommand } = await import('./accounts/commands.ts')
      done(await adminCreateCommand(flags))
    })
  zimmer
    .command('demo')
    .description('make the demo data without serving it')
    .action(async () => {
      const { demoCommand } = await import('./demo/commands.ts')
      done(await demoCommand())
    })
  zimmer
    .command('bench')
    .description(
      'measure this machine: all, latency, load, stress, soak, ablate, dataset; see `zimmer bench --help`',
    )
    .argument('[args...]')
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args: string[]) => done(await bench(args)))
  zimmer
    .command('openapi')
    .description('write openapi.json from the routes; for who develops Zimmer')
    .option('--check', 'only say whether it is up to date')
    .action(async (flags) => {
      const { openApiCommand } = await import('./meta/commands.ts')
      const { allRoutes } = await import('./routes.ts')
      done(await openApiCommand(flags, allRoutes))
    })
}

const DATABASE = 'any other database, whoever made it: a SQLite file, or postgres://user:password@host/name'

const DOCTOR_EXAMPLES = `
Examples:
  zimmer doctor
  zimmer doctor --database old/zimmer.db --json`

const OPTIMIZE_EXAMPLES = `
Examples:
  zimmer optimize --dry-run
  zimmer optimize --only idx_users_email
  zimmer optimize --database postgres://user:password@host/name
  zimmer optimize --undo`

const STAFF = ['manager', 'technical_team', 'support_staff']

const ENVIRONMENT = `
Settings are ZIMMER_* variables; \`zimmer doctor\` shows them as they are. Exit codes: 0 well, 1 a finding or a
failure, 2 wrong usage or configuration.`

function wholePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

const wholeFrom = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (/^\d{1,6}$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`)
}

async function serve({ demo = false, dev, port, host }: ServeFlags): Promise<number> {
  const { readConfig } = await import('./config.ts')
  const { serveUntilStopped } = await import('./serve.ts')
  if (!demo) return serveUntilStopped(readConfig(undefined, { port, host, dev }))
  const { demoConfig, demoSteps } = await import('./demo/commands.ts')
  return serveUntilStopped(demoConfig({ port, host, dev }), demoSteps())
}

/** Named at run time, so that the single executable, which has no place for it, leaves it out. */
async function bench(args: string[]): Promise<number> {
  if (Bun.isStandaloneExecutable) {
    console.error('zimmer bench runs from a checkout of Zimmer: npm run bench')
    return EXIT.usage
  }
  const module = new URL('../bench/bench.ts', import.meta.url).href
  const { runBench } = (await import(module)) as { runBench(args: string[]): Promise<number> }
  return runBench(args)
}

/** Runs one command line and returns its exit code. */
export async function run(args: readonly string[]): Promise<number> {
  let code: number = EXIT.well
  try {
    await program((result) => {
      code = result
    }).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.well : EXIT.usage
    return reportFailure(error)
  }
}
