import { CommandError, EXIT } from './exit.ts'

/** More than any password has; what comes after is somebody piping the wrong file. */
const MOST_BYTES = 4_096

/** The first line of stdin, without its line end. */
export async function passwordFromStdin(): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of Bun.stdin.stream()) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes('\n') || text.length > MOST_BYTES) break
  }
  const line = text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
  if (line) return line
  throw new CommandError('stdin had no password: its first line is the password', EXIT.usage)
}

/** Asks for a new password at the terminal, hidden and twice. */
export async function askNewPassword(): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new CommandError(
      'there is no terminal to ask for the password: pipe it in and add --password-stdin',
      EXIT.usage,
    )
  }
  const { isCancel, password } = await import('@clack/prompts')
  const first = await password({ message: 'Password (8 to 128 characters)' })
  if (isCancel(first)) throw new CommandError('nothing was made')
  const second = await password({
    message: 'The same again',
    validate: (value) => (value === first ? undefined : 'This is another one'),
  })
  if (isCancel(second)) throw new CommandError('nothing was made')
  return first
}
