import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { embedded } from './embedded.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** One file of the built app: as it is, or in its compressed forms. */
export type Asset = { type: string; etag: string } & ({ plain: Bytes } | { gzip: Bytes; br: Bytes })

/** What scripts/web.ts writes as manifest.json beside what it built. */
export interface Manifest {
  /** Of what it was built from: `sourceHash`. */
  source: string
  files: Record<string, { type: string; etag: string; compressed: boolean }>
  /** Sizes in bytes, for `npm run check`. */
  budget: { page: string; scriptGzip: number }[]
  cssGzip: number
}

const INDEX = 'index.html'

/** The built app in memory: read once, and again when scripts/web.ts has written another one. */
export class Bundle {
  #assets = new Map<string, Asset>()
  #manifest: Manifest | null = null
  #readAtMs = -1

  /** @param folder where the app was built; not used by the single executable, which has it inside. */
  constructor(private readonly folder: string) {}

  /** What the app was built from; null while there is none. */
  async source(): Promise<string | null> {
    await this.#refresh()
    return this.#manifest?.source ?? null
  }

  /** The page that starts the app; undefined while it isn't built. */
  async index(): Promise<Asset | undefined> {
    await this.#refresh()
    return this.#assets.get(INDEX)
  }

  /** Files of an earlier build stay until a restart: somebody's open page may still ask for them. */
  async asset(name: string): Promise<Asset | undefined> {
    if (!this.#assets.has(name)) await this.#refresh()
    return this.#assets.get(name)
  }

  async #refresh() {
    const writtenAtMs = await this.#writtenAt()
    if (writtenAtMs === null || writtenAtMs === this.#readAtMs) return
    const manifest: Manifest = await Bun.file(this.#path('manifest.json')).json()
    const bytes = (name: string) => Bun.file(this.#path(name)).bytes()
    const read = Object.entries(manifest.files).map(async ([name, { type, etag, compressed }]) => {
      if (!compressed) return [name, { type, etag, plain: await bytes(name) }] as const
      const [gzip, br] = await Promise.all([bytes(`${name}.gz`), bytes(`${name}.br`)])
      return [name, { type, etag, gzip, br }] as const
    })
    for (const [name, asset] of await Promise.all(read)) this.#assets.set(name, asset)
    this.#manifest = manifest
    this.#readAtMs = writtenAtMs
  }

  async #writtenAt(): Promise<number | null> {
    if (embedded) return 0
    try {
      return (await stat(this.#path('manifest.json'))).mtimeMs
    } catch {
      return null
    }
  }

  #path(name: string) {
    return embedded?.[name] ?? join(this.folder, name)
  }
}
