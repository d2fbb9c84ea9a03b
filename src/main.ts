import { run } from './commands.ts'

process.exit(await run(process.argv.slice(2)))
