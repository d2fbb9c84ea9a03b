import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const MB = 1_048_576

function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command)
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString().trim()}`)
  return stdout.toString().trim()
}

/** Why no file system of our own can be mounted here; null when one can. */
function whyNot(mount: () => { end(): void }): string | null {
  try {
    mount().end()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

/** A small file system of its own that can be full. Needs Linux, and the right to mount. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'zimmer-disk-'))

  constructor(megabytes: number) {
    try {
      run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder)
    } catch (error) {
      rmSync(this.folder, { recursive: true })
      throw error
    }
  }

  get #ballast() {
    return join(this.folder, 'ballast')
  }

  get freeBytes() {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  /** Takes all the room but so many bytes. */
  fill(leaveBytes = 0) {
    const fd = openSync(this.#ballast, 'a')
    const page = Buffer.alloc(MB)
    let size = 0
    try {
      for (;;) size += writeSync(fd, page)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOSPC') throw error
    }
    if (leaveBytes > 0) ftruncateSync(fd, size - leaveBytes)
    closeSync(fd)
  }

  makeRoom() {
    rmSync(this.#ballast)
  }

  end() {
    // Lazily: a worker thread that was told to stop may hold a file for a moment longer.
    run('umount', '-l', this.folder)
    rmSync(this.folder, { recursive: true })
  }

  [Symbol.dispose]() {
    this.end()
  }
}

/** A disk that the kernel makes read-only when it finds an error on it, as it does with one that is dying. */
export class DyingDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'zimmer-disk-'))
  readonly #image = `${this.folder}.img`

  constructor(megabytes: number) {
    try {
      run('truncate', '-s', `${megabytes}m`, this.#image)
      run('mkfs.ext4', '-q', '-O', '^has_journal', this.#image)
      this.#mount()
    } catch (error) {
      rmSync(this.#image, { force: true })
      rmSync(this.folder, { recursive: true })
      throw error
    }
  }

  #mount() {
    run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.folder)
  }

  becomeReadOnly() {
    const device = basename(run('findmnt', '-no', 'SOURCE', this.folder))
    writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, 'for a test')
  }

  /** Nothing may be open on it. */
  recover() {
    run('umount', this.folder)
    this.#mount()
  }

  end() {
    run('umount', '-l', this.folder)
    rmSync(this.#image)
    rmSync(this.folder, { recursive: true })
  }

  [Symbol.dispose]() {
    this.end()
  }
}

export const noSmallDisk = whyNot(() => new SmallDisk(1))
export const noDyingDisk = whyNot(() => {
  const disk = new DyingDisk(1)
  disk.becomeReadOnly()
  return disk
})
