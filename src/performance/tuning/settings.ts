import type { SettingSeen, Survey } from '../../storage/engine.ts'
import type { Finding } from './finding.ts'

const MiB = 1_048_576

const DURABILITY = ['fsync', 'full_page_writes', 'synchronous_commit']

/** Settings away from the plan. What depends on the machine is a hint. */
export function settingFindings(survey: Survey): Finding[] {
  const away = survey.settings.filter(({ value, wanted }) => wanted !== null && value !== wanted)
  const found = away.filter(({ scope }) => scope !== 'connection').map(awayFromPlan)
  return survey.dialect === 'postgres'
    ? [...found, ...postgresHints(survey)]
    : [...found, ...connectionHint(survey, away)]
}

function awayFromPlan({ name, value, wanted, scope }: SettingSeen): Finding {
  const isOurs = scope === 'file' || scope === 'database'
  return {
    id: `setting:${name}`,
    level: 'problem',
    what: `${name} is ${value} instead of ${wanted}`,
    why: WHY[name] ?? '',
    advice: isOurs ? '' : `set ${name} = ${wanted} in the server's configuration, and restart it`,
    change: isOurs ? { kind: 'set', name, value: wanted ?? '', former: value } : null,
    applied: isOurs ? 'always' : 'never',
    evidence: [],
  }
}

const power = 'a power cut could lose what was acknowledged'

const WHY: Record<string, string> = {
  journal_mode:
    'a reader waits for whoever writes, and each write syncs twice; with a write-ahead log neither',
  autovacuum: 'dead rows and stale statistics pile up, and everything becomes slower',
  ...Object.fromEntries(DURABILITY.map((name) => [name, power])),
}

/** They are nowhere in the file: this program's connections have them, another's must ask for them. */
function connectionHint({ migrations }: Survey, away: readonly SettingSeen[]): Finding[] {
  const theirs = away.filter(({ scope }) => scope === 'connection')
  if (migrations !== null || theirs.length === 0) return []
  const pragmas = theirs.map(({ name, wanted }) => `pragma ${name} = ${wanted}`)
  return [
    {
      id: 'setting:connection',
      level: 'hint',
      what: `a connection to this file starts with ${theirs.map(({ name, value }) => `${name} ${value}`).join(', ')}`,
      why: 'these settings of the plan belong to a connection, so the program that opens the file has to set them',
      advice: `after each connect: ${pragmas.join('; ')}`,
      change: null,
      applied: 'never',
      evidence: [],
    },
  ]
}

function postgresHints({ settings, bytes }: Survey): Finding[] {
  const setTo = (name: string) => settings.find((setting) => setting.name === name)?.value ?? ''
  const hints: Finding[] = []
  const buffers = sizeOf(setTo('shared_buffers'))
  if (bytes > buffers) {
    hints.push(
      hint('shared_buffers', setTo('shared_buffers'), {
        why: `the database has ${Math.round(bytes / MiB)} MiB, which do not fit`,
        advice: 'a quarter of the memory of a machine of its own is usual; it needs a restart of the server',
      }),
    )
    if (Number(setTo('random_page_cost')) > 2) {
      hints.push(
        hint('random_page_cost', setTo('random_page_cost'), {
          why: 'that is for spinning disks: on SSDs it keeps the planner from using indexes',
          advice: 'on SSDs: zimmer optimize --only setting:random_page_cost, for this database alone',
          value: '1.1',
        }),
      )
    }
  }
  const cache = sizeOf(setTo('effective_cache_size'))
  if (cache < buffers) {
    hints.push(
      hint('effective_cache_size', setTo('effective_cache_size'), {
        why: 'it is less than shared_buffers, so the planner believes that nothing stays in memory',
        advice: 'half to three quarters of the memory of the machine',
      }),
    )
  }
  if (sizeOf(setTo('work_mem')) < 4 * MiB) {
    hints.push(
      hint('work_mem', setTo('work_mem'), {
        why: 'sorts of a few thousand rows go to disk',
        advice: 'zimmer optimize --only setting:work_mem sets 4MB, for this database alone',
        value: '4MB',
      }),
    )
  }
  return hints
}

function hint(
  name: string,
  former: string,
  { why, advice, value }: { why: string; advice: string; value?: string },
) {
  const finding: Finding = {
    id: `setting:${name}`,
    level: 'hint',
    what: `${name} is ${former}`,
    ...{ why, advice },
    change: value === undefined ? null : { kind: 'set', name, value, former },
    applied: value === undefined ? 'never' : 'named',
    evidence: [],
  }
  return finding
}

const UNITS: Record<string, number> = { B: 1, kB: 1_024, MB: MiB, GB: 1_024 * MiB, TB: 1_048_576 * MiB }

/** `128MB` as bytes; NaN, which is neither more nor less than anything, for a setting that isn't there. */
function sizeOf(text: string) {
  const [, number, unit = ''] = text.match(/^(\d+)\s*(\w*)$/) ?? []
  return Number(number) * (UNITS[unit] ?? 1)
}
