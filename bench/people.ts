import { mixed } from './population.ts'

// Made-up people, by number: names of several alphabets, and addresses that a search can find.

const FIRST =
  `Olivia Marcus Priya Jonas Amélie Kwame Hannah Liam Sofia Noah Yuki Zanele Ethan Carmen Leo Aisha Dmitri
  Chloe Samuel Isabel Oscar Ruth Mateo Emma Daniel Freya Hugo Grace Tomás Maya Anders Beatriz Chidi Elena Farid Greta
  Hiroshi Ingrid Jamal Katya Lars Mei Nadia Omar Paula Quentin Rosa Sven Thandi Ulla Viktor Wanda Xavier Yara Zoltan
  Alice Bruno Clara David Eva Felix Gina Henry Iris Jack Kira Louis Mona Nils Olga Peter Rita Simon Tara`.split(
    /\s+/,
  )

const LAST =
  `Bennett Whitfield Raman Weber Dubois Mensah Sørensen O’Connell Marchetti Abrams Tanaka Dlamini Brooks
  Ortega Fischer Rahman Volkov Nguyen Adeyemi Ferreira Lindgren Goldberg Rossi Kowalska Park MacLeod Laurent Okafor
  Herrera Lindqvist Andersen Barbosa Castillo Dahl Eriksson Fontaine Garcia Hoffmann Ivanova Jensen Keller Lombardi
  Moreau Novak Oliveira Petrov Quintero Richter Silva Thompson Ueda Vargas Wagner Xu Yilmaz Zhang Becker Carter Duarte
  Evans Ferrari Gruber Hansen Ito Johnson Kaya Larsen Meyer Nielsen Olsen Pereira Romero Schmidt Turner`.split(
    /\s+/,
  )

const PERSIAN_FIRST =
  'نیلوفر آرش شیرین بهرام سارا کیان مینا پرهام لیلا امیر یاسمن فرزاد ترانه رضا زهرا حسین مریم علی فاطمه مهدی'.split(
    ' ',
  )
const PERSIAN_LAST =
  'احمدی کریمی رستمی یزدانی حسینی صادقی فرهادی نیک‌نام موسوی طاهری کاظمی شریفی قاسمی مرادی رضایی جعفری'.split(
    ' ',
  )
const LATIN_FIRST =
  'niloofar arash shirin bahram sara kian mina parham leila amir yasaman farzad taraneh reza zahra hossein maryam ali fatemeh mahdi'.split(
    ' ',
  )
const LATIN_LAST =
  'ahmadi karimi rostami yazdani hosseini sadeghi farhadi niknam mousavi taheri kazemi sharifi ghasemi moradi rezaei jafari'.split(
    ' ',
  )

/** Some have far more mailboxes than others. */
const MAIL = [
  'mail.example',
  'post.example',
  'inbox.example',
  'work.example',
  'studio.example',
  'shop.example',
]

const PERSIAN_SHARE = 12

const letters = (text: string) =>
  text
    .normalize('NFD')
    .toLowerCase()
    .replaceAll('ø', 'o')
    .replaceAll(/[^a-z]/g, '')

const LATIN = { first: FIRST.map(letters), last: LAST.map(letters) }

const at = (list: readonly string[], number: number) => list[number % list.length] as string

export interface Person {
  name: string
  email: string
  phone: string | null
}

/** The same person for the same number; no two have one address. */
export function person(id: number): Person {
  const first = mixed(id, 1)
  const last = mixed(id, 2)
  const other = mixed(id, 3)
  const isPersian = other % 100 < PERSIAN_SHARE
  const names = isPersian
    ? {
        name: `${at(PERSIAN_FIRST, first)} ${at(PERSIAN_LAST, last)}`,
        of: [LATIN_FIRST, LATIN_LAST] as const,
      }
    : { name: `${at(FIRST, first)} ${at(LAST, last)}`, of: [LATIN.first, LATIN.last] as const }
  const host = at(MAIL, Math.floor((((other >>> 8) % 1_000) ** 2 / 1_000_000) * MAIL.length))
  const phone = (other >>> 4) % 10 < 6 ? `+49${String(1_500_000_000 + (last % 100_000_000))}` : null
  return { name: names.name, email: `${at(names.of[0], first)}.${at(names.of[1], last)}${id}@${host}`, phone }
}

const OFFERS =
  `Summarizer|Invoice Reader|Support Bot|Translator|Meeting Notes|Lead Finder|Review Watcher|Price Tracker|
  Newsletter Writer|Contract Checker|Calendar Assistant|Image Tagger`
    .split('|')
    .map((name) => name.trim())

const USES = [
  'summary',
  'document',
  'message',
  'page',
  'minute',
  'lead',
  'review',
  'price',
  'issue',
  'clause',
  'event',
  'image',
]

export const automationName = (id: number) => (id <= OFFERS.length ? at(OFFERS, id - 1) : `Automation ${id}`)
export const usageType = (automationId: number) => at(USES, automationId - 1)
