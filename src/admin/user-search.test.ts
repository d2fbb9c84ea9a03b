import { describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { explain } from '../../test/explain.ts'
import { addUsers } from '../../test/rows.ts'
import { Statements } from '../../test/statements.ts'
import { databases, type TestZimmer, testZimmer, times } from '../../test/zimmer.ts'

const URL = '/api/admin/users'

const PEOPLE = [
  ['Alice Liddell', 'wonder.land@example.com'],
  ['مریم صادقی', 'maryam@example.com'],
  ['علي كاظمي', 'ali.k@example.com'],
  ['امیر‌حسین', 'amir@example.com'],
  ['José Ångström', 'jose@example.com'],
  ['Ömer ŞAHİN', 'omer@example.com'],
  ['100% real_name\\ "quoted" NOT (x OR y*)', 'o_o+tag@example.com'],
  ["O'Brien-Smith", 'ob@example.com'],
  ['李明', 'li@example.com'],
  ['😀 Smile', 'smile@example.com'],
  ['شماره ۱۲۳۴', 'digits@example.com'],
] as const

async function people(zimmer: TestZimmer) {
  const manager = await zimmer.user('manager', { name: 'Boss', email: 'boss@corp.test' })
  for (const [name, email] of PEOPLE) await zimmer.user('customer', { name, email })
  const found = async (search: string, more = '') => {
    const { status, body } = await manager.client.get(`${URL}?search=${encodeURIComponent(search)}${more}`)
    expect([search, status]).toEqual([search, 200])
    expect(body.total_count).toBe(body.users.length)
    return body.users.map((user: { email: string }) => user.email.split('@')[0]).reverse()
  }
  return { manager, found }
}

const ALL = ['boss', ...PEOPLE.map(([, email]) => email.split('@')[0])]

describe.each(databases)('searching users on %s', (database) => {
  test('finds parts of names and emails whatever the case, accents, and forms of letters', async () => {
    await using zimmer = await testZimmer(database)
    const { found } = await people(zimmer)
    const expected: Record<string, string[]> = {
      LIDD: ['wonder.land'],
      'ice lid': ['wonder.land'],
      'Land@EX': ['wonder.land'],
      صادق: ['maryam'],
      // Arabic yeh and kaf, Persian ones, and both for both.
      'علی کاظمی': ['ali.k'],
      'علي كاظمي': ['ali.k'],
      'علی ك': ['ali.k'],
      امیرحسین: ['amir'],
      امير‌حسين: ['amir'],
      ح‌س: [],
      حسین: ['amir'],
      jose: ['jose'],
      ÅNGSTROM: ['jose'],
      'omer sahin': ['omer'],
      'ÖMER Ş': ['omer'],
      1234: ['digits'],
      '۱۲۳۴': ['digits'],
      "o'brien-s": ['ob'],
      '  liddell  ': ['wonder.land'],
      // Nothing matches across the two.
      liddellwonder: [],
      'nobody at all': [],
    }
    for (const [search, emails] of Object.entries(expected)) {
      expect([search, await found(search)]).toEqual([search, emails])
    }
  })

  test('one or two letters are the beginning of a word, in any script', async () => {
    await using zimmer = await testZimmer(database)
    const { found } = await people(zimmer)
    expect(await found('l')).toEqual(['wonder.land', 'li'])
    expect(await found('LI')).toEqual(['wonder.land', 'li'])
    expect(await found('dd')).toEqual([])
    expect(await found('ص')).toEqual(['maryam'])
    expect(await found('كا')).toEqual(['ali.k'])
    expect(await found('李')).toEqual(['li'])
    expect(await found('李明')).toEqual(['li'])
    expect(await found('😀')).toEqual(['smile'])
    expect(await found('br')).toEqual(['ob'])
    expect(await found('k@')).toEqual(['ali.k'])
  })

  test('signs are text: wildcards, quotes, operators and escapes of either database', async () => {
    await using zimmer = await testZimmer(database)
    const { found } = await people(zimmer)
    const odd = ['o_o+tag']
    for (const search of [
      '0% r',
      '%',
      '_',
      '\\',
      'e\\',
      '"quoted"',
      '" n',
      'NOT (x',
      'x OR y',
      'y*',
      '*',
      '_o+',
      '"',
    ]) {
      expect([search, await found(search)]).toEqual([search, odd])
    }
    const none = [
      'x%y',
      'a_ice',
      'ali AND alice',
      'NEAR(a b)',
      'text:ali',
      '^ali',
      '"" OR ""',
      "' or 1=1 --",
      '-ali',
      'Z00635',
      '\\%',
    ]
    for (const search of none) expect([search, await found(search)]).toEqual([search, []])
    expect(await found('x'.repeat(200))).toEqual([])
    expect(await found('😀'.repeat(50))).toEqual([])
    // Nothing is left of it to look for.
    for (const search of ['', ' ', '‌', 'ً', '‌ ‌']) expect([search, await found(search)]).toEqual([search, ALL])
  })

  test('together with filters and in other orders it finds the same people', async () => {
    await using zimmer = await testZimmer(database)
    const { manager, found } = await people(zimmer)
    const id = (await manager.client.get(`${URL}?search=maryam`)).body.users[0].id
    await manager.client.post(`${URL}/${id}/deactivate`, {})
    expect(await found('.com', '&is_active=false')).toEqual(['maryam'])
    expect(await found('corp', '&role=customer')).toEqual([])
    expect(await found('corp', '&is_admin=true&email_verified=false')).toEqual(['boss'])
    expect(await found('corp', '&is_admin=true&role=customer')).toEqual([])
    expect(await found('example.com', '&is_active=true&role=customer')).toHaveLength(PEOPLE.length - 1)
    const emails = PEOPLE.map(([, email]) => email.split('@')[0]).sort()
    expect(await found('example.com', '&sort=email&order=desc')).toEqual(emails)
    expect(await found('example.com', '&sort=email&is_active=false')).toEqual(['maryam'])
  })

  test('pages of what is found follow each other, and nobody is told twice', async () => {
    await using zimmer = await testZimmer(database)
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 30, 'found')
    await addUsers(zimmer, 30, 'other')
    await addUsers(zimmer, 30, 'found-more')
    const seen: number[] = []
    let cursor = ''
    do {
      const { body } = await client.get(`${URL}?search=found&limit=7${cursor}`)
      expect(body.total_count).toBe(60)
      seen.push(...body.users.map((user: { id: number }) => user.id))
      cursor = body.next_cursor && `&cursor=${body.next_cursor}`
    } while (cursor)
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a))
    expect(seen).toHaveLength(60)
  })

  test('who signs up, changes name, phone, role or standing is found as they are now, also in a race', async () => {
    await using zimmer = await testZimmer(database)
    const { client } = await zimmer.user('manager', { name: 'Boss' })
    const found = async (query: string) => {
      const { body } = await client.get(`${URL}?${query}`)
      return body.users.map((user: { id: number }) => user.id).reverse()
    }
    const signUps = await times(10, (index) => {
      const body = {
        name: `Newcomer ${index}`,
        email: `new${index}@example.com`,
        password: 'a long enough phrase 7',
      }
      return zimmer.anyone.post('/api/auth/signup', { ...body, confirm_password: body.password })
    })
    const ids = signUps.map(({ body }) => body.user.id as number).sort((a, b) => a - b)
    expect(await found('search=newcomer')).toEqual(ids)
    const [first, second] = ids as [number, number]
    const edits = await times(10, (index) => client.put(`${URL}/${first}`, { name: `Renamed ${index}` }))
    const last = (await client.get(`${URL}/${first}`)).body.name as string
    expect(edits.every(({ status }) => status === 200)).toBe(true)
    expect(await found('search=newcomer')).toEqual(ids.slice(1))
    expect(await found('search=renamed')).toEqual([first])
    expect(await found(`search=${last}`)).toEqual([first])
    await times(10, (index) => client.post(`${URL}/${second}/${index % 2 ? 'activate' : 'deactivate'}`, {}))
    await client.post(`${URL}/${second}/deactivate`, {})
    await client.put(`${URL}/managers/${first}/role`, { role: 'support_staff' })
    expect(await found('search=new&is_active=false')).toEqual([second])
    expect(await found('search=renamed&role=support_staff')).toEqual([first])
    expect(await found('search=renamed&role=customer')).toEqual([])
    const counts = (await client.get(`${URL}?role=customer&is_active=true&limit=1`)).body
    expect([counts.total_count, counts.total_is_estimate]).toEqual([8, false])
    const kept = await zimmer.app.db.selectFrom('user_counts').selectAll().execute()
    const real = await sql<{
      users: number
    }>`select role, is_active, email_verified, count(*) as users from users
      group by role, is_active, email_verified order by role, is_active`.execute(zimmer.app.db)
    const sums = real.rows.map((row) => ({
      ...row,
      users: kept.filter((one) => isOf(one, row)).reduce(sum, 0),
    }))
    expect(sums).toEqual(real.rows)
  })

  test('an index answers, and no row of a user is read for who is not found', async () => {
    const statements = new Statements()
    await using zimmer = await testZimmer(database, { onStatement: statements.seen })
    const client = await zimmer.as('manager')
    await addUsers(zimmer, 2_000)
    if (database === 'postgres') await sql`analyze`.execute(zimmer.app.db)
    const sent = await statements.sentDuring(() => client.get(`${URL}?search=er1234`))
    const plans = []
    for (const statement of sent) {
      if (!/^select/i.test(statement.sql)) continue
      // What is in the function, planned for this text.
      const inside = { sql: 'select id from users where search like $1 order by id desc limit 21' }
      const isFunction = statement.sql.includes('find_users')
      plans.push(await explain(zimmer, database, isFunction ? { ...statement, ...inside } : statement))
    }
    const index = database === 'sqlite' ? 'users_search VIRTUAL TABLE INDEX' : 'idx_users_search'
    expect(plans.join('\n\n')).toContain(index)
    expect(plans.join('\n\n')).not.toMatch(/SCAN users\b(?!.*INDEX)|Seq Scan on users/)
  })
})

const isOf = (one: object, other: object) =>
  ['role', 'is_active', 'email_verified'].every(
    (key) => one[key as keyof typeof one] === other[key as keyof typeof other],
  )
const sum = (total: number, { users }: { users: number }) => total + users
