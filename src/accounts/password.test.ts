import { describe, expect, test } from 'bun:test'
import { Refusal } from '../lib/refusal.ts'
import { checkPassword, hashPassword, verifyPassword } from './password.ts'

const ALICE = { email: 'alice.liddell@example.com', name: 'Alice Liddell' }

describe('passwords', () => {
  test('are hashed with argon2id, each with a salt of its own', async () => {
    const [one, two] = await Promise.all([hashPassword('three blind mice'), hashPassword('three blind mice')])
    expect(one).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(one).not.toBe(two)
    expect(await verifyPassword('three blind mice', one)).toBe(true)
    expect(await verifyPassword('three blind mouse', one)).toBe(false)
  })

  test("are the same ones that Bun makes, for where argon2's native code can't be loaded", async () => {
    expect(await Bun.password.verify('three blind mice', await hashPassword('three blind mice'))).toBe(true)
    const buns = await Bun.password.hash('three blind mice', {
      algorithm: 'argon2id',
      memoryCost: 19_456,
      timeCost: 2,
    })
    expect(buns).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(await verifyPassword('three blind mice', buns)).toBe(true)
  })

  test('nobody has the password that who has none is verified against', async () => {
    expect(await verifyPassword('', null)).toBe(false)
  })

  test('one that a keyboard composes otherwise is the same', async () => {
    const hash = await hashPassword('pâté de campagne')
    expect(await verifyPassword('pa\u0302te\u0301 de campagne', hash)).toBe(true)
  })

  test('the common ones, the own ones, the short and the long are refused', () => {
    const refused = [
      '1234567',
      'x'.repeat(129),
      '12345678',
      'PASSWORD',
      'Qwerty123',
      'ｐａｓｓｗｏｒｄ',
      'ａｌｉｃｅ．ｌｉｄｄｅｌｌ',
      'iLoveYou',
      'alice.liddell@example.com',
      'Alice.Liddell',
      'alice liddell',
    ]
    for (const password of refused) expect(() => checkPassword(password, ALICE)).toThrow(Refusal)
    for (const password of ['three blind mice', 'x'.repeat(128), 'گذرواژهٔ من', '😀😀😀😀😀😀😀😀']) {
      expect(() => checkPassword(password, ALICE)).not.toThrow()
    }
  })

  test('only so many wait for a turn', async () => {
    const settled = await Promise.allSettled(
      Array.from({ length: 80 }, () => hashPassword('three blind mice')),
    )
    const refused = settled.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(80 - 66)
    expect(refused[0]?.reason).toMatchObject({ kind: 'overloaded', code: 'password_queue_full' })
    expect(await hashPassword('three blind mice')).toStartWith('$argon2id$')
  })
})
