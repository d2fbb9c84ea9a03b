export { subscriptionsOf } from './list.ts'
export { subscribe } from './subscribe.ts'
