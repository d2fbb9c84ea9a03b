import { FELT_MS, levelOf, roundTripMs, span } from './finding.ts'
import type { AddressProbe, Finding, ProbeReport } from './report.ts'

/** A SYN that got lost is sent again after a second. */
const RESENT_MS = 900
const DAYS_TO_RENEW = 14

/** What happens before the server is asked: name, addresses, network, TLS, redirects. */
export function transportFindings(report: ProbeReport): Finding[] {
  return [
    ...lookupFindings(report),
    ...addressFindings(report),
    ...networkFindings(report),
    ...handshakeFindings(report),
    ...certificateFindings(report),
    ...report.redirects.map(({ from, to, status, took }) => ({
      code: from.startsWith('http:') && to.startsWith('https:') ? 'redirect_to_https' : 'redirect',
      level: levelOf(took),
      cost: took,
      says: `Whoever asks for ${from} is sent to ${to} first.`,
      evidence: `status ${status}; look-up, connection and answer took ${span(took)}, and all of it begins anew`,
      advice: `Give clients ${to} at once.`,
    })),
  ]
}

function lookupFindings({ lookup }: ProbeReport): Finding[] {
  if (!lookup || lookup.first < FELT_MS) return []
  const isAlways = (lookup.later?.median ?? lookup.first) >= FELT_MS
  return [
    {
      code: 'slow_lookup',
      level: isAlways ? 'finding' : 'note',
      cost: lookup.first,
      says: `Looking up ${lookup.host} is slow.`,
      evidence: lookup.later
        ? `the first look-up took ${span(lookup.first)}, later ones ${span(lookup.later.median)}`
        : `the look-up took ${span(lookup.first)}`,
      advice: 'Use a nearer DNS server or a caching one; no change of the web server mends this.',
    },
  ]
}

/** Each address that fails is waited for by every client that tries it before one that works. */
function addressFindings({ addresses, failure, lookup }: ProbeReport): Finding[] {
  if (failure) return []
  const works = addresses.findIndex((address) => address.failure === null)
  const found: Finding[] = []
  for (const family of [6, 4] as const) {
    const failed = addresses.filter((address) => address.family === family && address.failure)
    if (failed.length === 0) continue
    const isFirst = addresses.indexOf(failed[0] as AddressProbe) < works
    const cost = failed.reduce((ms, address) => ms + (address.failure?.after ?? 0), 0)
    const other = addresses[works]?.address ?? ''
    found.push({
      code: `ipv${family}_fails`,
      level: levelOf(cost),
      cost,
      says: `${lookup?.host ?? 'The host'} has an IPv${family} address at which nothing answers${isFirst ? ', and it comes first' : ''}.`,
      evidence: `${failed.map(saysFailure).join('; ')}; ${other} answers`,
      advice:
        `Clients that try it first wait that long on every new connection (on Windows 2 s even for a refusal). ` +
        `Let the server listen there too, take the address out of DNS or the hosts file, or give clients ${other}.`,
    })
  }
  return found
}

const saysFailure = ({ address, failure }: AddressProbe) =>
  `${address}: ${failure?.code} after ${span(failure?.after ?? 0)}`

function networkFindings(report: ProbeReport): Finding[] {
  const roundTrip = roundTripMs(report)
  const found: Finding[] = []
  if (roundTrip >= FELT_MS) {
    const trips = 2 + handshakeTrips(report)
    found.push({
      code: 'slow_network',
      level: 'finding',
      cost: roundTrip * trips,
      says: 'The network is slow: a packet there and back takes long, whatever the server does.',
      evidence: `connecting takes ${span(roundTrip)} at the best; a new connection needs ${trips} such trips before the first byte`,
      advice:
        'Probe from the machine of the server to compare; move it nearer, use a CDN, keep connections open.',
    })
  }
  const connects = report.endpoints.flatMap(({ connect }) => connect ?? [])
  const slowest = Math.max(0, ...connects.map(({ max }) => max))
  if (slowest - roundTrip >= RESENT_MS) {
    found.push({
      code: 'lost_packets',
      level: 'finding',
      cost: slowest - roundTrip,
      says: 'Some connections take a second longer than others: a packet was lost and sent again.',
      evidence: `connecting takes ${span(roundTrip)} at the best and ${span(slowest)} at the worst`,
      advice:
        'Look for a bad line, or for a server too busy to take connections (netstat -s counts overflows).',
    })
  }
  return found
}

/** Round trips of a handshake: one since TLS 1.3, before that two. */
const handshakeTrips = ({ tls }: ProbeReport) => (tls === null ? 0 : tls.protocol === 'TLSv1.3' ? 1 : 2)

function handshakeFindings(report: ProbeReport): Finding[] {
  const { tls } = report
  const own = (tls?.handshake.median ?? 0) - roundTripMs(report) * handshakeTrips(report)
  if (!tls || own < FELT_MS) return []
  return [
    {
      code: 'slow_tls',
      level: 'finding',
      cost: own,
      says: 'The TLS handshake takes longer than the network explains.',
      evidence: `${span(tls.handshake.median)} with ${tls.protocol}, of which the network needs ${span(tls.handshake.median - own)}`,
      advice:
        'Look at the CPU of what ends TLS, use an ECDSA certificate and TLS 1.3, and keep connections open.',
    },
  ]
}

function certificateFindings({ tls }: ProbeReport): Finding[] {
  if (!tls) return []
  const { problem, subject, issuer, names, valid_from, valid_to, days_left } = tls.certificate
  const evidence = `${problem ?? 'valid'}; for ${names || subject}, by ${issuer}, from ${valid_from} to ${valid_to}`
  if (problem) {
    return [
      {
        code: 'bad_certificate',
        level: 'failure',
        cost: 0,
        says: `Clients refuse the certificate: ${CERTIFICATE[problem] ?? problem}.`,
        evidence,
        advice: 'Put in one for this name, with its whole chain, from an authority that clients know.',
      },
    ]
  }
  if (days_left >= DAYS_TO_RENEW) return []
  return [
    {
      code: 'certificate_expires',
      level: 'finding',
      cost: 0,
      says: `The certificate ends in ${days_left} days.`,
      evidence,
      advice: 'Renew it, and look why that did not happen by itself.',
    },
  ]
}

const CERTIFICATE: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by nobody but itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'it is signed by an authority that nobody knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificates between it and its authority are missing',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'it is signed by an authority that is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
}
