import { describe, expect, test } from 'bun:test'
import { ProbeError } from './failure.ts'
import { MAX_BODY_BYTES, ResponseReader } from './response.ts'

/** Reads it as one piece, and again byte by byte: both have to come to the same. */
function read(text: string, { closes = false } = {}): unknown {
  const outcomes: unknown[] = [[text], text.split('')].map((pieces) => {
    const reader = new ResponseReader()
    try {
      for (const piece of pieces) if (!reader.done) reader.push(Buffer.from(piece, 'latin1'))
      if (closes) reader.close()
    } catch (error) {
      return error instanceof ProbeError ? error.code : String(error)
    }
    const { done, status, keepsAlive, bodyBytes } = reader
    return { done, status, keepsAlive, bodyBytes, body: reader.body.toString('latin1') }
  })
  expect(outcomes[1]).toEqual(outcomes[0])
  return outcomes[0]
}

describe('reading an answer', () => {
  test('with a length', () => {
    expect(read('HTTP/1.1 200 OK\r\nContent-Length:  5 \r\n\r\nhello')).toEqual({
      done: true,
      status: 200,
      keepsAlive: true,
      bodyBytes: 5,
      body: 'hello',
    })
    expect(read('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello')).toMatchObject({ done: false })
  })

  test('in chunks, with extensions and trailers', () => {
    const chunks = '4;a=b\r\nwiki\r\n6\r\npedia \r\n0\r\nx-sum: 1\r\n\r\n'
    expect(read(`HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n${chunks}`)).toMatchObject({
      done: true,
      bodyBytes: 10,
      body: 'wikipedia ',
    })
  })

  test('until the connection is closed', () => {
    expect(read('HTTP/1.0 200 OK\r\n\r\nhello', { closes: true })).toMatchObject({
      done: true,
      keepsAlive: false,
      body: 'hello',
    })
  })

  test('without a body, and after an early hint', () => {
    expect(read('HTTP/1.1 204 No Content\r\n\r\n')).toMatchObject({ done: true, bodyBytes: 0 })
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'
    expect(read(`${hint}HTTP/1.1 304\r\n\r\n`)).toMatchObject({ done: true, status: 304 })
  })

  test('says whether the connection is kept', () => {
    const kept = (text: string) =>
      (read(`${text}content-length: 0\r\n\r\n`) as { keepsAlive: boolean }).keepsAlive
    expect(kept('HTTP/1.1 200 OK\r\n')).toBe(true)
    expect(kept('HTTP/1.1 200 OK\r\nConnection: Close\r\n')).toBe(false)
    expect(kept('HTTP/1.0 200 OK\r\n')).toBe(false)
    expect(kept('HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n')).toBe(true)
  })

  test('refuses what is no HTTP/1', () => {
    const bad = [
      'SSH-2.0-OpenSSH_9.6\r\n',
      'HTTP/2 200\r\n\r\n',
      'HTTP/1.1 999 No\r\n\r\n',
      'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
      'HTTP/1.1 200 OK\r\n folded: x\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\n',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc',
    ]
    for (const text of bad) expect(read(text)).toBe('not_http')
  })

  test('bounds headers, also of many answers before the answer', () => {
    expect(read(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(12_000)}`)).toBe('endless_headers')
    expect(read(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`)).toBe('endless_headers')
    expect(read('HTTP/1.1 100 Continue\r\n\r\n'.repeat(4_000))).toBe('endless_headers')
  })

  test('leaves a body that is too long, and keeps its beginning', () => {
    const reader = new ResponseReader()
    reader.push(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n'))
    const piece = Buffer.alloc(1_048_576)
    for (let i = 0; i < 20 && !reader.done; i++) reader.push(piece)
    expect(reader).toMatchObject({ done: true, cut: true, keepsAlive: false })
    expect(reader.bodyBytes).toBeLessThanOrEqual(MAX_BODY_BYTES + piece.length)
    expect(reader.body.length).toBe(65_536)
  })

  test('tells a broken answer from none', () => {
    expect(read('', { closes: true })).toBe('closed')
    expect(read('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell', { closes: true })).toBe('stalled')
  })
})
