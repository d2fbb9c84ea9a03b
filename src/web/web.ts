import { join } from 'node:path'
import type { App } from '../app.ts'
import type { Incoming } from '../http/incoming.ts'
import { type Asset, Bundle } from './bundle.ts'
import { embedded } from './embedded.ts'
import { sourceHash } from './source.ts'

const ROOT = join(import.meta.dir, '../..')
/** The first part of every path that is a page of the app; any other is its page for what there isn't. */
const SECTIONS = new Set([
  '',
  'login',
  'signup',
  'dashboard',
  'marketplace',
  'automations',
  'usage',
  'settings',
  'admin',
])
/** Of programs: nothing below these is ever a page. */
const NO_PAGES = /^\/(?:api|assets|health|healthz|readyz|metrics|docs|setup|openapi\.json)(?:\/|$)/

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export interface WebApp {
  /** The app's answer to what no route has; null when it is none of the app's business. */
  answer(request: Incoming): Promise<Response | null>
  /** Builds the app unless it stands; resolves when it can be served or can't be built. */
  prepare(): Promise<void>
}

/** The web app, from where scripts/web.ts built it or from inside the single executable. */
export function openWeb({ config, log }: Pick<App, 'config' | 'log'>, root = ROOT): WebApp {
  const bundle = new Bundle(join(root, 'web/dist'))
  let failure: string | null = null

  async function prepare() {
    // `npm run dev` builds it itself, whenever a source changes.
    if (embedded || config.dev || (await bundle.source()) === sourceHash(ROOT)) return
    console.log('building the web app …')
    const build = Bun.spawn([process.execPath, join(ROOT, 'scripts/web.ts')], {
      cwd: ROOT,
      stdin: 'ignore',
      stdout: 'inherit',
      stderr: 'pipe',
    })
    const [words, code] = await Promise.all([build.stderr.text(), build.exited])
    failure = code === 0 ? null : words.trim()
    if (failure) log.error({ failure }, 'the web app could not be built; the API works without it')
  }

  async function answer({ raw }: Incoming) {
    if (raw.method !== 'GET' && raw.method !== 'HEAD') return null
    // A strange Host header makes a strange URL.
    if (!URL.canParse(raw.url)) return null
    const { pathname } = new URL(raw.url)
    if (pathname.startsWith('/assets/')) {
      const asset = await bundle.asset(pathname.slice('/assets/'.length))
      return asset ? send(raw, asset, 200, 'public, max-age=31536000, immutable') : null
    }
    if (NO_PAGES.test(pathname) || !raw.headers.get('accept')?.includes('text/html')) {
      if (pathname !== '/') return null
    }
    const index = await bundle.index()
    if (!index) return unbuilt(failure)
    return send(raw, index, SECTIONS.has(pathname.split('/')[1] ?? '') ? 200 : 404, 'no-cache')
  }

  return { answer, prepare }
}

function send({ headers: asked, method }: Request, asset: Asset, status: number, cacheControl: string) {
  const accepted = asked.get('accept-encoding') ?? ''
  const { encoding, body } = formOf(asset, accepted)
  const etag = `"${asset.etag}${encoding ? `-${encoding}` : ''}"`
  const headers: Record<string, string> = { 'cache-control': cacheControl, etag, vary: 'accept-encoding' }
  if (asset.type.startsWith('text/html')) headers['content-security-policy'] = POLICY
  if (status === 200 && asked.get('if-none-match') === etag)
    return new Response(null, { status: 304, headers })
  headers['content-type'] = asset.type
  if (encoding) headers['content-encoding'] = encoding
  headers['content-length'] = String(body.length)
  return new Response(method === 'HEAD' ? null : body, { status, headers })
}

/** Every browser takes Brotli; for who takes nothing it is unpacked, so that memory holds no third form. */
function formOf(asset: Asset, accepted: string) {
  if ('plain' in asset) return { encoding: null, body: asset.plain }
  if (/\bbr\b/.test(accepted)) return { encoding: 'br', body: asset.br }
  if (/\bgzip\b/.test(accepted)) return { encoding: 'gzip', body: asset.gzip }
  return { encoding: null, body: Bun.gunzipSync(asset.gzip) }
}

/** For a person who is faster than the build, which takes some seconds and happens once. */
function unbuilt(failure: string | null) {
  const words = failure
    ? 'The web app could not be built: the log says why. The API works without it: <a href="/docs">/docs</a>.'
    : 'The web app is being built. This page comes back by itself in a moment.'
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>Zimmer</title><body><h1>Zimmer</h1><p>${words}</p></body></html>`
  const refresh: Record<string, string> = failure ? {} : { refresh: '1', 'retry-after': '1' }
  return new Response(html, {
    status: 503,
    headers: {
      ...refresh,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    },
  })
}
