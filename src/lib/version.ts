import manifest from '../../package.json' with { type: 'json' }

/** Of this Zimmer, as in package.json. */
export const VERSION: string = manifest.version
