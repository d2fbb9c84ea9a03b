import type { StaffRole } from '../accounts/accounts.ts'
import type { NewAutomation } from '../catalogue/catalogue.ts'

/** The made-up world of the demo: who is in it, and what they buy. */
export const STAFF: { name: string; email: string; role: StaffRole }[] = [
  { name: 'Maya Lindqvist', email: 'maya@agency.example', role: 'manager' },
  { name: 'Tomás Herrera', email: 'tomas@agency.example', role: 'technical_team' },
  { name: 'Grace Okafor', email: 'grace@agency.example', role: 'support_staff' },
  { name: 'رضا مرادی', email: 'reza@agency.example', role: 'support_staff' },
]

/** A name, what stands before the @, and whether their week is the Persian one. */
export const CUSTOMERS: [name: string, mailbox: string, persian?: true][] = [
  ['Olivia Bennett', 'olivia.bennett'],
  ['نیلوفر احمدی', 'niloofar.ahmadi', true],
  ['Marcus Whitfield', 'marcus.whitfield'],
  ['Priya Raman', 'priya.raman'],
  ['آرش کریمی', 'arash.karimi', true],
  ['Jonas Weber', 'jonas.weber'],
  ['Amélie Dubois', 'amelie.dubois'],
  ['شیرین رستمی', 'shirin.rostami', true],
  ['Kwame Mensah', 'kwame.mensah'],
  ['Hannah Sørensen', 'hannah.sorensen'],
  ['بهرام یزدانی', 'bahram.yazdani', true],
  ['Liam O’Connell', 'liam.oconnell'],
  ['Sofia Marchetti', 'sofia.marchetti'],
  ['سارا حسینی', 'sara.hosseini', true],
  ['Noah Abrams', 'noah.abrams'],
  ['Yuki Tanaka', 'yuki.tanaka'],
  ['کیان صادقی', 'kian.sadeghi', true],
  ['Zanele Dlamini', 'zanele.dlamini'],
  ['Ethan Brooks', 'ethan.brooks'],
  ['مینا فرهادی', 'mina.farhadi', true],
  ['Carmen Ortega', 'carmen.ortega'],
  ['Leo Fischer', 'leo.fischer'],
  ['پرهام نیک‌نام', 'parham.niknam', true],
  ['Aisha Rahman', 'aisha.rahman'],
  ['Dmitri Volkov', 'dmitri.volkov'],
  ['لیلا موسوی', 'leila.mousavi', true],
  ['Chloe Nguyen', 'chloe.nguyen'],
  ['Samuel Adeyemi', 'samuel.adeyemi'],
  ['امیر طاهری', 'amir.taheri', true],
  ['Isabel Ferreira', 'isabel.ferreira'],
  ['Oscar Lindgren', 'oscar.lindgren'],
  ['یاسمن کاظمی', 'yasaman.kazemi', true],
  ['Ruth Goldberg', 'ruth.goldberg'],
  ['Mateo Rossi', 'mateo.rossi'],
  ['فرزاد شریفی', 'farzad.sharifi', true],
  ['Emma Kowalska', 'emma.kowalska'],
  ['Daniel Park', 'daniel.park'],
  ['ترانه قاسمی', 'taraneh.ghasemi', true],
  ['Freya MacLeod', 'freya.macleod'],
  ['Hugo Laurent', 'hugo.laurent'],
]

export const SUMMARIZER = 'Summarizer'

/** An automation and how it is used: tokens of one use, uses on a busy day, what it calls them. */
export interface Offer extends NewAutomation {
  demoTokens: number
  tokensAtOnce: [least: number, most: number]
  perDay: number
  usageType: string
}

export const OFFERS: Offer[] = [
  {
    name: SUMMARIZER,
    description: 'The most telling sentences of an English or Persian text. A token per started 200 words.',
    pricingType: 'token_per_session',
    pricePerToken: 5,
    demoTokens: 20,
    tokensAtOnce: [1, 4],
    perDay: 2.6,
    usageType: 'summary',
  },
  {
    name: 'Support Replies',
    description:
      'Drafts answers to customer e-mails in the tone of your house, and knows when to ask a person.',
    pricingType: 'token_per_session',
    pricePerToken: 12,
    demoTokens: 10,
    tokensAtOnce: [1, 2],
    perDay: 3.4,
    usageType: 'reply',
  },
  {
    name: 'Invoice Reader',
    description: 'Reads supplier invoices from PDF or photo and books them: amounts, taxes, due dates.',
    pricingType: 'token_per_step',
    pricePerToken: 20,
    demoTokens: 10,
    tokensAtOnce: [2, 6],
    perDay: 1.6,
    usageType: 'document',
  },
  {
    name: 'Instagram Assistant',
    description: 'Answers questions under your posts and in messages, in English and Persian, day and night.',
    pricingType: 'token_per_session',
    pricePerToken: 8,
    demoTokens: 25,
    tokensAtOnce: [1, 1],
    perDay: 4.2,
    usageType: 'message',
  },
  {
    name: 'Appointment Bot',
    description: 'Books, moves and cancels appointments by Telegram, and reminds people the day before.',
    pricingType: 'token_per_step',
    pricePerToken: 6,
    demoTokens: 15,
    tokensAtOnce: [1, 3],
    perDay: 2.4,
    usageType: 'booking',
  },
  {
    name: 'Market Watch',
    description: 'Follows prices and news of what you name, and writes a short report each morning.',
    pricingType: 'flat_fee',
    pricePerToken: 30,
    demoTokens: 5,
    tokensAtOnce: [3, 3],
    perDay: 1,
    usageType: 'report',
  },
]
