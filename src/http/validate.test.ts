import { expect, test } from 'bun:test'
import { Type } from 'typebox'
import { Refusal } from '../lib/refusal.ts'
import { checker } from './validate.ts'

const check = checker(
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 5 }),
      email: Type.String({ format: 'email' }),
      age: Type.Integer({ minimum: 18 }),
      color: Type.Enum(['red', 'blue']),
      phone: Type.String(),
    },
    { additionalProperties: false },
  ),
  'body',
)

test('a field that is refused names the rule and its bound, for words in other languages', () => {
  const refused = () => check({ name: 'too long', email: 'x', age: 17.5, color: 'green', other: 1 })
  expect(refused).toThrow(Refusal)
  try {
    refused()
  } catch (error) {
    const { errors = [] } = (error as Refusal).details
    const rules = Object.fromEntries(errors.map(({ field, code, limit }) => [field, [code, limit]]))
    expect(rules).toEqual({
      name: ['maxLength', 5],
      email: ['email', undefined],
      age: ['integer', undefined],
      color: ['enum', undefined],
      phone: ['required', undefined],
      other: ['additionalProperties', undefined],
    })
  }
})
