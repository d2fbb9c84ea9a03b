import { EXIT } from '../cli/exit.ts'
import { withApp } from '../cli/open.ts'
import { askNewPassword, passwordFromStdin } from '../cli/password.ts'
import { readConfig } from '../config.ts'
import { createStaff } from './managers.ts'
import { checkPassword, hashPassword } from './password.ts'
import type { StaffRole } from './roles.ts'

export interface CreateFlags {
  email: string
  name: string
  role: StaffRole
  passwordStdin?: boolean
  json?: boolean
}

/** Makes a staff account; the server may be running meanwhile. */
export async function adminCreateCommand({ email, name, role, passwordStdin, json }: CreateFlags) {
  const config = readConfig()
  const password = passwordStdin ? await passwordFromStdin() : await askNewPassword()
  checkPassword(password, { email, name })
  const passwordHash = await hashPassword(password)
  const by = { staffId: null, ip: null, requestId: null }
  const user = await withApp(config, (app) =>
    app.write((tx) => createStaff(tx, { email, name, role, passwordHash }, by)),
  )
  if (json) console.log(JSON.stringify({ id: user.id, email: user.email, name: user.name, role: user.role }))
  else console.log(`${user.name} <${user.email}> is ${role} and can sign in.`)
  return EXIT.well
}
