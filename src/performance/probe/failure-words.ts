import { span } from './finding.ts'
import type { Failure, Finding, ProbeReport } from './report.ts'

interface Words {
  says: (where: Where) => string
  advice: (where: Where) => string
}

interface Where {
  host: string
  port: string
  url: string
}

const WORDS: Record<string, Words> = {
  unresolvable: {
    says: ({ host }) => `The name ${host} has no address.`,
    advice: () =>
      'Look for a typing error; else the DNS record is missing, or this machine has no DNS server.',
  },
  lookup_timeout: {
    says: ({ host }) => `The DNS server does not answer when asked for ${host}.`,
    advice: () => 'Look at the DNS servers of this machine (/etc/resolv.conf); no server was asked yet.',
  },
  refused: {
    says: ({ host, port }) => `${host} is there, and nothing listens on its port ${port}.`,
    advice: () =>
      'Start the server, or look which address and port it listens on: one on 127.0.0.1 is not reached from outside.',
  },
  unreachable: {
    says: ({ host }) => `There is no way to ${host} from here.`,
    advice: () => 'Look at the routes and the network of this machine (and whether it has IPv6 at all).',
  },
  connect_timeout: {
    says: ({ host, port }) => `${host} does not answer on port ${port}: not even a refusal comes back.`,
    advice: () => 'A firewall drops the packets, the address is wrong, or that machine is off.',
  },
  not_tls: {
    says: ({ host, port }) => `Port ${port} of ${host} does not speak TLS.`,
    advice: ({ url }) => `Try ${url.replace(/^https:/, 'http:')}, or the port that has TLS (usually 443).`,
  },
  tls_failed: {
    says: ({ host }) => `The TLS handshake with ${host} fails.`,
    advice: () =>
      "Look at the proxy's TLS settings: version, certificate for this name, client certificates.",
  },
  tls_timeout: {
    says: ({ host }) => `${host} takes the connection and does not answer the TLS handshake.`,
    advice: () => 'Either this port speaks no TLS, or what holds the certificate hangs: look at the proxy.',
  },
  speaks_tls: {
    says: ({ port }) => `Port ${port} speaks TLS, and was asked in plain HTTP.`,
    advice: ({ url }) => `Try ${url.replace(/^http:/, 'https:')}`,
  },
  silent: {
    says: ({ host }) => `${host} takes the connection and never answers.`,
    advice: () =>
      'The server hangs, or its event loop is blocked: look at its log and CPU; behind a proxy, ask the server itself.',
  },
  stalled: {
    says: () => 'The answer begins and does not end.',
    advice: () => 'Look at the log of the server, and at a proxy that buffers: it stopped in the middle.',
  },
  reset: {
    says: () => 'The connection is reset in the middle.',
    advice: () =>
      'The server died or a firewall cut in: look at its log, and probe from a machine beside it.',
  },
  closed: {
    says: () => 'The connection is closed without an answer.',
    advice: () =>
      'It may be another kind of server, one that wants TLS, or one that has no room for connections.',
  },
  not_http: {
    says: ({ host, port }) => `What listens on port ${port} of ${host} speaks no HTTP.`,
    advice: () => 'Look whether host and port are those of the web server.',
  },
  endless_headers: {
    says: () => 'The answer has headers without an end.',
    advice: () => 'This is no sound web server; look what listens on that port.',
  },
}

export function failureFinding({ probed_url: url }: ProbeReport, { code, detail, after }: Failure): Finding {
  const { hostname: host, port, protocol } = new URL(url)
  const where = { host, port: port || (protocol === 'https:' ? '443' : '80'), url }
  return {
    code,
    level: 'failure',
    cost: after,
    says: WORDS[code]?.says(where) ?? 'There is no answer.',
    evidence: `${detail}, after ${span(after)}`,
    advice: WORDS[code]?.advice(where) ?? 'Look at the log of the server.',
  }
}
