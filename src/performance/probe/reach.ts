import { isIP } from 'node:net'
import { dial } from './connection.ts'
import { connectFailure, inTime, ProbeError } from './failure.ts'
import type { AddressProbe, Lookup } from './report.ts'
import { failureOf } from './rounds.ts'
import { hundredths, spread } from './spread.ts'
import type { Address, Wires } from './wires.ts'

const MOST_ADDRESSES = 8

interface Resolved {
  /** Null for an address, which needs none. */
  lookup: Lookup | null
  addresses: Address[]
}

/** @throws ProbeError unresolvable, lookup_timeout */
export async function resolveHost(
  wires: Wires,
  url: URL,
  { timeoutMs, rounds }: { timeoutMs: number; rounds: number },
): Promise<Resolved> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const family = isIP(host)
  if (family !== 0) return { lookup: null, addresses: [{ address: host, family: family === 6 ? 6 : 4 }] }
  const took: number[] = []
  let addresses: Address[] = []
  for (let i = 0; i < rounds; i++) {
    const startedAt = performance.now()
    addresses = await inTime(timeoutMs, 'lookup_timeout', () => wires.resolve(host)).catch((error) => {
      if (error instanceof ProbeError) throw error
      const { code = String(error) } = error as { code?: string }
      throw new ProbeError('unresolvable', code, performance.now() - startedAt)
    })
    took.push(performance.now() - startedAt)
  }
  if (addresses.length === 0) throw new ProbeError('unresolvable', 'the name has no address', took[0] ?? 0)
  const [first = 0, ...later] = took
  const seen = new Map(addresses.map((one) => [one.address, one]))
  return {
    lookup: { host, first: hundredths(first), later: spread(later) },
    addresses: [...seen.values()].slice(0, MOST_ADDRESSES),
  }
}

/** Connects to one address several times, once when it fails. */
export async function probeAddress(
  wires: Wires,
  url: URL,
  { address, family }: Address,
  { timeoutMs, rounds }: { timeoutMs: number; rounds: number },
): Promise<AddressProbe> {
  const took: number[] = []
  try {
    for (let i = 0; i < rounds; i++) {
      const { socket, ms } = await dial(wires, { url, address, timeoutMs })
      socket.destroy()
      took.push(ms)
    }
    return { address, family, connect: spread(took), failure: null }
  } catch (error) {
    return { address, family, connect: spread(took), failure: failureOf(connectFailure(error, 0)) }
  }
}
