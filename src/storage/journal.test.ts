import { afterEach, beforeEach, expect, spyOn, test } from 'bun:test'
import * as fs from 'node:fs'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Journal } from './journal.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zimmer-journal-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('what was appended is there after a restart, in order', async () => {
  const { journal } = Journal.open(folder)
  for (let seq = 1; seq <= 50; seq++) await journal.append(seq, `record ${seq} – یک`)
  await journal.close()
  const { records } = Journal.open(folder)
  expect(records).toHaveLength(50)
  expect(records[49]).toEqual({ seq: 50, payload: 'record 50 – یک' })
})

test('a torn last record is not there', async () => {
  const { journal } = Journal.open(folder)
  await journal.append(1, 'whole')
  await journal.append(2, 'torn')
  await journal.close()
  const fd = openSync(join(folder, 'ledger-0.journal'), 'r+')
  writeSync(fd, Buffer.from([0xff]), 0, 1, 16 + 5 + 16 + 2)
  closeSync(fd)
  const again = Journal.open(folder)
  expect(again.records).toEqual([{ seq: 1, payload: 'whole' }])
})

test('released room is used again, unreleased room never, and old records do not come back', async () => {
  const { journal } = Journal.open(folder)
  const payload = 'x'.repeat(1_048_576)
  let seq = 0
  while (journal.hasRoomFor(payload.length)) await journal.append(++seq, payload)
  expect(seq).toBe(12)
  journal.release(seq)
  expect(journal.hasRoomFor(payload.length)).toBe(true)
  for (let i = 0; i < 12; i++) await journal.append(++seq, payload)
  const fill = async (): Promise<void> => {
    await journal.append(++seq, payload)
    return fill()
  }
  await expect(fill()).rejects.toThrow('nothing was spent')
  journal.release(--seq)
  await journal.append(++seq, payload)
  await journal.close()
  const seqs = Journal.open(folder).records.map((record) => record.seq)
  expect(seqs.at(-1)).toBe(seq)
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => seq - seqs.length + 1 + i))
})

test('records after a gap in the numbers are found again', async () => {
  const first = Journal.open(folder).journal
  for (let seq = 1; seq <= 3; seq++) await first.append(seq, 'old')
  await first.close()
  const second = Journal.open(folder).journal
  await second.append(501, 'new')
  await second.close()
  expect(Journal.open(folder).records).toEqual([{ seq: 501, payload: 'new' }])
})

test('a file that an interrupted start left short is made anew', async () => {
  writeFileSync(join(folder, 'ledger-0.journal'), 'short')
  const { journal } = Journal.open(folder)
  await journal.append(1, 'x')
  await journal.close()
  expect(statSync(join(folder, 'ledger-0.journal')).size).toBe(16 * 1_048_576)
})

test('a write that failed, though all of it reached the disk, is not there after a restart', async () => {
  const { journal } = Journal.open(folder)
  await journal.append(1, 'first')
  const { write } = fs
  const failing = spyOn(fs, 'write')
  failing.mockImplementationOnce(((fd: number, ...rest: unknown[]) => {
    const done = rest.pop() as (error: Error) => void
    write(fd, ...(rest as [Buffer]), () => done(new Error('EIO')))
  }) as never)
  await expect(journal.append(2, 'refused')).rejects.toThrow('nothing was spent')
  failing.mockRestore()
  expect(Journal.open(folder).records).toEqual([{ seq: 1, payload: 'first' }])
  await journal.append(2, 'second')
  await journal.close()
  expect(Journal.open(folder).records.map((record) => record.payload)).toEqual(['first', 'second'])
})

test('what a failed write left is made void once, however many ask for it', async () => {
  const { journal } = Journal.open(folder)
  await journal.append(1, 'first')
  const { write } = fs
  const spied = spyOn(fs, 'write')
  const failing = ((...rest: unknown[]) => (rest.at(-1) as (error: Error) => void)(new Error('EIO'))) as never
  // The record, and the attempt to make it void.
  spied.mockImplementationOnce(failing).mockImplementationOnce(failing)
  await expect(journal.append(2, 'refused')).rejects.toThrow('nothing was spent')
  let writes = 0
  spied.mockImplementation(((...rest: unknown[]) => {
    writes++
    return (write as (...all: unknown[]) => void)(...rest)
  }) as never)
  await Promise.all([journal.mend(), journal.mend(), journal.mend()])
  spied.mockRestore()
  expect(writes).toBe(1)
  await journal.append(2, 'second')
  expect(Journal.open(folder).records.map((record) => record.payload)).toEqual(['first', 'second'])
  await journal.close()
})
