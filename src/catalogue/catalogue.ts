export {
  createAutomation,
  findAutomation,
  holdAutomation,
} from './automations.ts'
export { isWebUrl, type NewAutomation } from './fields.ts'
export { PublicAutomation, publicAutomation } from './marketplace.ts'
export {
  issueServiceToken,
  showableTokens,
} from './service-tokens.ts'
