export {
  createAutomation,
  deleteAutomation,
  findAutomation,
  holdAutomation,
  noSuchAutomation,
  updateAutomation,
} from './automations.ts'
export { isWebUrl, type NewAutomation } from './fields.ts'
export { PublicAutomation, publicAutomation } from './marketplace.ts'
export {
  issueServiceToken,
  revokeServiceToken,
  rotateServiceTokens,
  serviceTokensPage,
  showableTokens,
} from './service-tokens.ts'
