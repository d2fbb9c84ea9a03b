import { generateKeyPairSync, sign } from 'node:crypto'

export interface TestCertificate {
  /** PEM, both. */
  cert: string
  key: string
}

/** A new self-signed certificate for localhost and 127.0.0.1, valid from so many days ago until in so many days. */
export function testCertificate({ name = 'localhost', fromDays = -1, toDays = 90 } = {}): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const names = sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])))
  const extension = (id: number[], value: Buffer) => sequence(der(0x06, Buffer.from(id)), der(0x04, value))
  const subject = sequence(
    der(0x31, sequence(der(0x06, Buffer.from([0x55, 4, 3])), der(0x0c, Buffer.from(name)))),
  )
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ECDSA_SHA256,
    subject,
    sequence(time(fromDays), time(toDays)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension([0x55, 29, 17], names), extension([0x55, 29, 19], sequence(TRUE)))),
  )
  const signature = sign('sha256', signed, privateKey)
  const certificate = sequence(signed, ECDSA_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** One value of ASN.1's distinguished encoding: tag, length, content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts))

/** YYYYMMDDHHMMSSZ */
const time = (days: number) =>
  der(0x18, Buffer.from(new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '')))

const TRUE = der(0x01, Buffer.from([255]))
const ECDSA_SHA256 = sequence(der(0x06, Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])))
