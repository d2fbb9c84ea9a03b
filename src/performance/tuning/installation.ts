import type { Inspection } from '../../storage/inspect.ts'

/** Something that is wrong around the database: in its folder, its schema, its server. */
export interface InstallationFinding {
  problem: string
  /** What to do about it. */
  advice: string
}

/** What the doctor saw. Sizes are bytes. */
export interface Seen {
  /** What to type to run this program. */
  command: string
  dataDir: string
  /** null when there is none yet. */
  database: Inspection | null
  /** null when the data folder isn't there. */
  disk: { free: number; total: number } | null
  dataDirWritable: boolean
  /** The mode of the file with the signing secret; null without one. */
  secretMode: number | null
  rateLimits: boolean
  publicUrl: string | null
  onLoopback: boolean
}

const LEAST_FREE_BYTES = 1_000_000_000
const OLDEST_POSTGRES = 15

/** What is wrong, and what to do; empty when all is well. */
export function installationFindings(seen: Seen): InstallationFinding[] {
  const { database } = seen
  const found = [...fileFindings(seen), ...networkFindings(seen)]
  if (!database) {
    found.push({
      problem: `there is no database in ${seen.dataDir} yet`,
      advice: `the first \`${seen.command} serve\` makes it, or \`${seen.command} migrate\``,
    })
    return found
  }
  return [...found, ...schemaFindings(database, seen.command), ...serverFindings(database)]
}

function fileFindings({ dataDir, disk, dataDirWritable, secretMode }: Seen): InstallationFinding[] {
  const found: InstallationFinding[] = []
  if (disk && !dataDirWritable) {
    found.push({
      problem: `the data folder ${dataDir} can't be written`,
      advice: 'give it to the user that runs Zimmer, or set ZIMMER_DATA_DIR',
    })
  }
  if (disk && disk.free < LEAST_FREE_BYTES) {
    found.push({
      problem: `only ${Math.round(disk.free / 1e6)} MB are free on the disk of ${dataDir}`,
      advice: 'make room: when it is full, writes are refused',
    })
  }
  if (secretMode !== null && (secretMode & 0o077) !== 0) {
    found.push({
      problem: `${dataDir}/jwt-secret can be read by others (mode ${secretMode.toString(8)})`,
      advice: 'chmod 600 it; whoever has read it can sign in as anybody, so delete it if in doubt',
    })
  }
  return found
}

function networkFindings({ rateLimits, publicUrl, onLoopback }: Seen): InstallationFinding[] {
  const found: InstallationFinding[] = []
  if (!rateLimits) {
    found.push({
      problem: 'rate limits are off, so passwords can be guessed at full speed',
      advice: 'unset ZIMMER_RATE_LIMITS; it is for benchmarks',
    })
  }
  if (publicUrl?.startsWith('http://') && !onLoopback) {
    found.push({
      problem: 'ZIMMER_PUBLIC_URL is not https: passwords and tokens cross the network in the clear',
      advice: 'put a proxy with TLS in front, and set ZIMMER_PUBLIC_URL and ZIMMER_TRUSTED_PROXIES',
    })
  }
  return found
}

function schemaFindings(
  { migrations, managers, failed_jobs: failed }: Inspection,
  command: string,
): InstallationFinding[] {
  const found: InstallationFinding[] = []
  if (migrations.unknown.length > 0) {
    found.push({
      problem: `the database is newer than this program: ${migrations.unknown.join(', ')}`,
      advice: 'run the newer Zimmer that made it',
    })
  }
  if (migrations.pending.length > 0) {
    found.push({
      problem: `migrations are missing: ${migrations.pending.join(', ')}`,
      advice: `make a backup, then \`${command} migrate\`; a start does the same`,
    })
  }
  if (managers === 0) {
    found.push({
      problem: 'nobody can manage this Zimmer: there is no active manager',
      advice: `${command} admin create --email you@example.com --name You --role manager`,
    })
  }
  if (failed) {
    found.push({
      problem: `${failed} jobs failed for good`,
      advice: "select kind, last_error from jobs where state = 'failed' says why",
    })
  }
  return found
}

/** Of the server; how the database itself is set is looked at with its indexes. */
function serverFindings({ version, settings, expected, pool }: Inspection): InstallationFinding[] {
  const found = Object.entries(expected)
    .filter(([name, wanted]) => settings[name] !== undefined && settings[name] !== wanted)
    .map(([name, wanted]) => ({
      problem: `${name} is ${settings[name]} instead of ${wanted}`,
      advice: `set ${name} to ${wanted}`,
    }))
  const major = Number(version.match(/^PostgreSQL (\d+)/)?.[1] ?? OLDEST_POSTGRES)
  if (major < OLDEST_POSTGRES) {
    found.push({
      problem: `${version} is too old`,
      advice: `PostgreSQL ${OLDEST_POSTGRES} or newer is needed`,
    })
  }
  if (pool && pool.server_max < pool.max * 2) {
    found.push({
      problem: `the server takes ${pool.server_max} connections, one Zimmer alone opens up to ${pool.max}`,
      advice: `raise max_connections to ${pool.max * 2} or more`,
    })
  }
  return found
}
