/** What to type to run this program: in its checkout, or the single executable. */
export const COMMAND = Bun.isStandaloneExecutable ? process.execPath : 'npx zimmer'
