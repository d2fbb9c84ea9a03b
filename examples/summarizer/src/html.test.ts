import { expect, test } from 'bun:test'
import { readableText } from './html.ts'

test('tags go, what they contain stays, and a block is a line of its own', () => {
  expect(readableText('<h1>Title</h1><p>Some <b>bold</b>\nwords.</p>').split(/\n+/).filter(Boolean)).toEqual([
    'Title',
    'Some bold words.',
  ])
})

test('scripts, styles and comments are not read', () => {
  const html = '<style>p{}</style><script>let a = "<p>"</SCRIPT ><!-- <p>no</p> --><p>Yes.</p>'
  expect(readableText(html).trim()).toBe('Yes.')
})

test('entities are decoded once', () => {
  expect(readableText('<p>a &amp;lt; b &#1587;&#x644; &unknown;</p>').trim()).toBe('a &lt; b سل &unknown;')
})

test('a text that only looks a little like HTML stays as it is', () => {
  const text = 'if a < b and c > d, use <script>, List<String> or &amp;'
  expect(readableText(text)).toBe(text)
})
